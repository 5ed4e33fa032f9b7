import { describe, expect, it } from '@jest/globals';
import type { SensitiveGroup } from '@certfolio/core';
import { contextOf, OrdersAtHand, principal, run } from './run-document.ts';

const asking = (fields: 'all' | readonly SensitiveGroup[], text: string, variables = {}) =>
  run(new OrdersAtHand(), text, variables, contextOf({
    principal: { ...principal, fields: fields === 'all' ? 'all' : new Set(fields) },
  })); // prettier-ignore

describe('a key without the right to a field', () => {
  it.each<[SensitiveGroup, string, string]>([
    ['cost', '{ orders(filter: { cost: { gte: "100.00" } }) { totalCount } }', 'cost'],
    ['cost', '{ orders(orderBy: [{ field: id }, { field: cost }]) { totalCount } }', 'cost'],
    ['email', '{ orders(filter: { not: { anyOf: [{ isRenewed: true }, { userEmail: { like: "a%" } }] } }) { totalCount } }', 'userEmail'],
    ['email', '{ orders(filter: { search: "bo@" }) { totalCount } }', 'email'],
    ['email', '{ orders(orderBy: { field: techEmail }) { totalCount } }', 'techEmail'],
    ['customFields', '{ orders(filter: { customField: { label: "Cost center", value: { eq: "4711" } } }) { totalCount } }', 'customFields'],
    ['email', '{ orderBuckets(groupBy: [status, userEmail]) { count } }', 'userEmail'],
    ['cost', '{ orderBuckets(groupBy: [status], filter: { cost: { isNull: true } }) { count } }', 'cost'],
    ['email', '{ order_details(email: "bo@acme.test") { id } }', 'email'],
    ['email', '{ order_details(search: "bo@") { id } }', 'email'],
    ['cost', '{ order_details(sort: ["cost", "DESC"]) { id } }', 'cost'],
    ['email', '{ order_details(sort: ["id", "ASC", "user_email"]) { id } }', 'userEmail'],
  ])('may not ask by it (%s): %s', async (group, text, field) => {
    const refused = await asking([], text);
    expect(Object.values(refused.data as object)).toEqual([null]);
    expect(refused.errors).toMatchObject([
      { code: 'FORBIDDEN', message: `This key may not filter, sort or count by ${field}, which it may not read.` },
    ]);
    expect((await asking([group], text)).errors).toEqual([]);
    expect((await asking('all', text)).errors).toEqual([]);
  }); // prettier-ignore

  it('may ask by every other, and by key facts that are read out of a request it may not see', async () => {
    const text =
      '{ orders(filter: { keyAlgorithm: { eq: "RSA" }, userId: { in: [3] }, commonName: { like: "%" } }, orderBy: [{ field: validTill }, { field: keySize }]) { totalCount } orderBuckets(groupBy: [keySize, status]) { count } order_details(status: "issued", sort: ["valid_till"]) { id } }';
    expect((await asking([], text)).errors).toEqual([]);
  });

  it('is told of all such fields at once', async () => {
    const { errors } = await asking(['cost'], '{ orders(filter: { email: { eq: "a" }, cost: { gt: "1.00" } }, orderBy: [{ field: userEmail }]) { totalCount } }');
    expect(errors[0]!.message).toContain('by email, userEmail, which');
  }); // prettier-ignore
});
