import { expect, it } from '@jest/globals';
import { emptyFilter, filterOf } from './audit-filter.ts';

it('says nothing of what is empty', () => {
  expect(filterOf(emptyFilter)).toEqual({});
  expect(filterOf({ ...emptyFilter, since: ' today-7d ', kind: 'ACT', key: ' ' })).toEqual({
    since: 'today-7d',
    kind: 'ACT',
  });
});
