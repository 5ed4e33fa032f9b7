import { expect, it } from '@jest/globals';
import { orderFields } from '@certfolio/core';
import { createTestDatabase } from '@certfolio/database/testing';
import { columnOf, namesOfOrder, orderColumns } from './order-columns.ts';
import { storableJson, storableText } from './storable.ts';

it('has a column for every field but documents, which the table has with this type', async () => {
  const database = await createTestDatabase();
  try {
    const { rows } = await database.pool.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, null) as type from pg_attribute where attrelid = 'mirror_orders'::regclass`,
    );
    const types = new Map(rows.map(({ name, type }) => [name, type]));
    for (const { name, kind, sqlType } of orderColumns.values())
      expect([name, types.get(name)]).toEqual([name, kind === 'document' ? undefined : sqlType]);
  } finally {
    await database.drop();
  }
  expect([...orderColumns.keys()]).toEqual([...orderFields.keys()]);
  expect(columnOf('organizationAddress1').name).toBe('organization_address1');
  expect(() => columnOf('toString' as 'id')).toThrow(TypeError);
});

it('writes a missing value and an unread one as null, and custom fields as JSON', () => {
  const { encode, decode } = columnOf('customFields');
  expect([encode(null), encode(undefined), decode(null)]).toEqual([null, null, null]);
  expect(encode([{ id: 1, label: 'a', value: 'b\0' }])).toBe('[{"id":1,"label":"a","value":"b\u{fffd}"}]');
  expect(columnOf('dnsNames').encode(['a', '\0'])).toEqual(['a', '\u{fffd}']);
});

it('replaces what PostgreSQL cannot hold and nothing else', () => {
  const fine = 'é 😀 한 \\u0000 \u{fffd} \n';
  expect(storableText(fine)).toBe(fine);
  expect(JSON.parse(storableJson([fine]))).toEqual([fine]);
  expect(storableText('a\0b\ud83dc\ude00')).toBe('a\u{fffd}b\u{fffd}c\u{fffd}');
  expect(JSON.parse(storableJson({ a: ['\0', '\udfff'] }))).toEqual({ a: ['\u{fffd}', '\u{fffd}'] });
});

it('keeps every name once, in lower case', () => {
  expect(namesOfOrder({ commonName: 'Shop.test', dnsNames: ['*.shop.test', 'SHOP.test'] })).toEqual({
    names: ['shop.test', '*.shop.test'],
    wildcardNames: ['*.shop.test'],
  });
  expect(namesOfOrder({ commonName: null })).toEqual({ names: [], wildcardNames: [] });
});
