import { describe, expect, it } from '@jest/globals';
import { parsePage, parseQuery } from './query.ts';

describe('query strings', () => {
  it('read filters with raw and encoded brackets, operators and percent signs', () => {
    const { filters } = parseQuery(
      'filters[valid_till]=>2026-01-01&filter%5Bsearch%5D=%25shop&filters[__proto__]=x&other[a]=1',
    );
    expect(filters).toEqual([
      { property: 'valid_till', value: '>2026-01-01' },
      { property: 'search', value: '%shop' },
      { property: '__proto__', value: 'x' },
    ]);
  });

  it('take limits and offsets that make sense', () => {
    const page = (search: string) => parsePage(parseQuery(search), 1_000, 1_000);
    expect(page('limit=40&offset=80')).toEqual({ limit: 40, offset: 80 });
    expect(page('limit=-1&offset=x')).toEqual({ limit: 1_000, offset: 0 });
    expect(page('limit=0')).toEqual({ limit: 1_000, offset: 0 });
  });
});
