import { describe, expect, it } from '@jest/globals';
import { readFlag, readPage, readQuery } from './rest-query.ts';

const known = { parameters: ['limit', 'offset', 'include_validation'], filters: ['status', 'id'] };
const queryOf = (search: string) => {
  const read = readQuery({ search }, known);
  if (read.kind !== 'query') throw new Error(read.reason);
  return read.query;
};

describe('a query string', () => {
  it('is read with brackets raw or encoded, and its sort apart', () => {
    const query = queryOf('filters%5Bstatus%5D=issued&filters[id]=7&sort=a,-b&limit=5');
    expect([...query.filters]).toEqual([
      ['status', 'issued'],
      ['id', '7'],
    ]);
    expect(query.sort).toEqual([
      { name: 'a', isDescending: false },
      { name: 'b', isDescending: true },
    ]);
    expect([...query.parameters]).toEqual([['limit', '5']]);
  });

  it.each([
    ['filters[no_such]=1', 'a filter that is not known'],
    ['no_such=1', 'a parameter that is not known'],
    ['filter[status]=issued', 'a parameter that is not known'],
    ['limit=1&limit=2', 'a name that comes more than once'],
    ['filters[id]=1&filters%5Bid%5D=2', 'a name that comes more than once'],
    ['constructor=1', 'a parameter that is not known'],
  ])('with what nobody has documented is left alone: %s', (search, reason) => {
    expect(readQuery({ search }, known)).toEqual({ kind: 'cannot', reason });
  });
});

it('pages: numbers that make no sense count as not given, a limit above the most is cut', () => {
  expect(readPage(queryOf(''), 1_000)).toEqual({ limit: 1_000, offset: 0 });
  expect(readPage(queryOf('limit=40&offset=80'), 1_000)).toEqual({ limit: 40, offset: 80 });
  expect(readPage(queryOf('limit=5000'), 1_000)).toEqual({ limit: 1_000, offset: 0 });
  expect(readPage(queryOf('limit=abc&offset=-1'), 1_000)).toEqual({ limit: 1_000, offset: 0 });
  expect(readPage(queryOf('limit=0'), 100_000, 50_000)).toEqual({ limit: 50_000, offset: 0 });
});

it('flags are read in the spellings that mean one thing', () => {
  const flag = (search: string) => readFlag(queryOf(search), 'include_validation');
  expect(['', 'include_validation=true', 'include_validation=1', 'include_validation=0'].map(flag)).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(flag('include_validation=maybe')).toBeNull();
});
