import type { CustomFieldValue, Order } from '@certfolio/core';
import { makeOrders, randomOf } from '@certfolio/reading/testing';

/** Texts on which databases and JavaScript like to disagree: letter case, normal forms, planes, and what SQL gives a meaning to. */
export const oddTexts: readonly string[] = [
  ...['Straße', 'STRASSE', 'GROẞ', 'İstanbul.test', 'istanbul.test', 'ISTANBUL.test', 'ılgaz', 'Ǆ ǅ ǆ'],
  ...['ΟΔΥΣΣΕΥΣ', 'οδυσσευς', 'ΑΣ.Α', 'Σ', 'ΑΣ ΒΣ.', 'Σ\u{1F600}', 'ΑΣ\u0301', 'ΑΣʰ', 'ʰΣ'],
  ...['Café', 'Cafe\u0301', 'CAFE\u0301', 'K (Kelvin) Å', 'Ⱥ ⱥ', 'Ꭰ ꭰ', '\u1C90 \u10D0', '\u{10400} \u{10428}', '\u{10D50} \u{10D70}'],
  ...['😀', '😀 SMILE', '\uFF21 full', '\uFF41 full', '\uE000', '한글', '\u1112\u1161\u11ab', '日本.test', '中\u{2070E}'],
  ...[`O'Neil`, '"quoted"', 'back\\slash', '\\', '\\%', '100%', 'under_score', 'new\nline', '\r\n', '\t', ' ', '$1 ?', '{a,"b"}'],
  ...['NULL', 'null', ';--', 'a', 'A', 'b', 'shop', 'SHOP.acme.test', '*.Straße.test', '*.İ.test', '*.', '.test', '[a-z]*(', '٣'],
]; // prettier-ignore

/** `makeOrders`, a good part of whose texts are odd, with empty texts and lists, unread fields and amounts of any size. */
export function makeOddOrders(count: number, seed: number): Order[] {
  const random = randomOf(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const text = () => pick(oddTexts);
  const few = <T>(make: () => T): T[] => Array.from({ length: Math.floor(random() * 4) }, make);
  const customField = (): CustomFieldValue => ({
    id: pick([null, 1, 2]),
    label: pick([null, text()]),
    value: text(),
  });
  return makeOrders(count, seed).map((order) => ({
    ...order,
    ...(random() < 0.6 && { commonName: text() }),
    ...(random() < 0.6 && { dnsNames: few(text) }),
    ...(random() < 0.6 && { email: text() }),
    ...(random() < 0.5 && { customFields: few(customField) }),
    ...(random() < 0.5 && { organizationName: pick([...oddTexts, '']) }),
    ...(random() < 0.5 && { organizationUnit: few(text) }),
    ...(random() < 0.5 && { cost: pick(['0.00', '-5.50', '10.00', '100000000000.01', '9.99']) as never }),
    ...(random() < 0.1 && { containerId: null }),
    ...(random() < 0.2 && { hasDuplicates: null, hasReissues: null }),
    ...(random() < 0.2 && { autoRenew: null }),
    keySize: pick([null, 256, 2048, Number.MAX_SAFE_INTEGER]),
    serverType: pick([null, -1, 0, 2]),
  }));
}
