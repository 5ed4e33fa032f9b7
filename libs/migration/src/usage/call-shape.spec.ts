import { expect, it } from '@jest/globals';
import { callShape } from './call-shape.ts';

it.each([
  ['', ''],
  ['limit=40&offset=80', 'limit,offset'],
  ['offset=80&limit=40&limit=50', 'limit,offset'],
  ['filters[status]=issued&filters%5Bcommon_name%5D=secret.example', 'filters[common_name],filters[status]'],
  ['filters[status][0]=issued&filters[status][1]=revoked', 'filters[status][]'],
  ['flag&&=value&%zz=1', '%zz,flag'],
  [`${'a'.repeat(41)}=1`, '(long)'],
])('%s is made of %s', (search, shape) => {
  expect(callShape(search)).toBe(shape);
});

it('names twenty parameters and says that there are more', () => {
  const search = Array.from({ length: 22 }, (_each, nth) => `p${String(nth).padStart(2, '0')}=1`).join('&');
  expect(callShape(search).split(',')).toHaveLength(21);
  expect(callShape(search)).toMatch(/^p00,.*,p19,…$/);
});
