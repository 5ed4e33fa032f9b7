import { describe, expect, it } from '@jest/globals';
import { BadUserInput, type CalendarDate } from '@certfolio/core';
import fc from 'fast-check';
import { graphql } from 'graphql';
import { bytes, ordersSchema, rules as templateRules, yamlText } from '../test/orders-schema.ts';
import { checkTemplate } from './check-template.ts';
import { variablesFromJson, variablesFromSearch } from './variables.ts';

const rules = { schema: ordersSchema, today: '2026-11-23' as CalendarDate };
const { template: checked, problems } = checkTemplate(
  {
    base: 'expiring-soon',
    graphql: bytes(
      `query Q($days: Int! = 30, $status: [OrderStatus!], $id: ID!, $ratio: Float, $on: Boolean, $filter: OrderFilter, $from: Date, $until: String, $name: String, $one: OrderStatus) {
        orders(filter: $filter) { nodes { id } }
        a: orders(filter: { days: $days, status: $status, from: $from, validTill: { lte: $until } }) { totalCount }
        b: order(id: $id) @include(if: true) { id }
        c: order_details(status: $name) @skip(if: $on) { id }
      }`
        .replace(', $ratio: Float', '')
        .replace('$on: Boolean', '$on: Boolean! = false')
        .replace(', $one: OrderStatus', ''),
    ),
    yaml: `${yamlText.replace(/variables:[^]*/, '')}rows: orders.nodes
variables:
  days: { min: 1, max: 90 }
  status: { default: [ISSUED] }
  id:
  on:
  filter:
  from: { dateExpression: true, min: today, max: today+1y }
  until: { dateExpression: true, default: end_of_month }
  name: { values: [a, "b,c"] }
`,
  },
  templateRules,
);
if (checked === null) throw new Error(JSON.stringify(problems));
const template = checked;
const fromUrl = (query: string) => variablesFromSearch(template, new URLSearchParams(query), rules);
const fromJson = (given: Record<string, unknown>) => variablesFromJson(template, given, rules);

describe('variables of which one must be given', () => {
  const either = { ...template, oneOf: ['name', 'until'] };
  const read = (query: string) => variablesFromSearch(either, new URLSearchParams(query), rules);
  const refusal = 'exactly one of "name", "until" must be given, not';

  it('are taken one at a time; a default counts as given', () => {
    expect(() => read('id=1&name=a')).toThrow(`${refusal} 2`);
    expect(read('id=1')).toMatchObject({ until: 'end_of_month' });
    const without = {
      ...either,
      variables: template.variables.filter(({ name }) => name !== 'until'),
      oneOf: ['name', 'id'],
    };
    expect(() => variablesFromSearch(without, new URLSearchParams('id='), rules)).toThrow(
      'exactly one of "name", "id" must be given, not 0',
    );
    expect(variablesFromSearch(without, new URLSearchParams('id=7'), rules)).toMatchObject({ id: '7' });
  });
});

describe('variables of a URL', () => {
  it('are read by their types, with defaults of the metadata and not those of the document', () => {
    expect(fromUrl('id=007')).toEqual({ id: '007', status: ['ISSUED'], until: 'end_of_month' });
    expect(fromUrl('id=1&days=5&on=1&status=ISSUED,EXPIRED&name=a')).toMatchObject({
      days: 5,
      on: true,
      status: ['ISSUED', 'EXPIRED'],
      name: 'a',
    });
    expect(fromUrl('id=1&on=false&status=ISSUED&status=EXPIRED')).toMatchObject({
      on: false,
      status: ['ISSUED', 'EXPIRED'],
    });
    expect(fromUrl('id=1&status=')).toMatchObject({ status: [] });
    expect(fromUrl('id=1&status=["EXPIRED"]&filter={"tags":["x,y"]}')).toMatchObject({
      status: ['EXPIRED'],
      filter: { tags: ['x,y'] },
    });
  });

  it.each([
    ['days=5.5&id=1', /"days" must be a whole number, not "5.5"/],
    ['days=&id=1', /"days" must be a whole number/],
    ['days=99999999999&id=1', /"days" must be a whole number/],
    ['days=9999999999&id=1', /"days" has a wrong value/],
    ['days=91&id=1', /"days" must be at most 90, not 91/],
    ['days=0&id=1', /"days" must be at least 1, not 0/],
    ['days=1&days=2&id=1', /"days" is given 2 times/],
    ['on=yes&id=1', /"on" must be true or false, not "yes"/],
    ['status=LOST&id=1', /"status" has a wrong value: at 0: Value "LOST" does not exist in "OrderStatus" enum/],
    ['filter=x&id=1', /"filter" must be JSON/],
    ['filter={"nope":1}&id=1', /"filter" has a wrong value/],
    ['name=b&id=1', /"name" must be one of "a", "b,c"/],
    ['from=2026-02-30&id=1', /"from" must be a day/],
    ['from=yesterday&id=1', /"from" must be a day/],
    ['from=today-1d&id=1', /"from" must not be before 2026-11-23/],
    ['from=2028-01-01&id=1', /"from" must not be after 2027-11-23/],
    ['from=last_month&id=1', /"from" must be one day/],
    ['', /"id" \(ID!\) is missing/],
    ['nope=1&id=1', /no variable "nope"; it has "days", "status", "id"/],
    ['__proto__=1&constructor=2&id=1', /no variable "__proto__", "constructor"/],
    ['days=x&on=y&nope=1', /"days".*"on".*"nope".*"id" \(ID!\) is missing/],
  ])('are refused for %s', (query, expected) => {
    expect(() => fromUrl(query)).toThrow(expected);
    expect(() => fromUrl(query)).toThrow(BadUserInput);
  });

  it('do not tell names of the schema', () => {
    expect(() => fromUrl('id=1&status=ISSUE')).toThrow(/^(?!.*ISSUED)/);
    expect(() => fromUrl('id=1&filter={"statu":1}')).toThrow(/^(?!.*Did you mean)/);
  });

  it('take days for expressions where the type is a day, and keep expressions in text', () => {
    expect(fromUrl('id=1&from=today%2B30d&until=today%2B1w')).toMatchObject({ from: '2026-12-23', until: 'today+1w' });
  });

  it('mean what JSON means', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.boolean(),
        fc.subarray(['ISSUED', 'EXPIRED']),
        fc.string(),
        (days, on, status, id) => {
          const search = new URLSearchParams({ days: String(days), on: String(on), status: status.join(','), id });
          expect(variablesFromSearch(template, search, rules)).toEqual(fromJson({ days, on, status, id }));
        },
      ),
    );
  });
});

describe('variables of JSON', () => {
  it('are held against type and limits alike', () => {
    expect(fromJson({ id: '1', days: 90, status: null })).toEqual({
      id: '1',
      days: 90,
      status: null,
      until: 'end_of_month',
    });
    expect(() => fromJson({ id: '1', days: 91 })).toThrow('at most 90');
    expect(() => fromJson({ id: '1', days: '5' })).toThrow('"days" has a wrong value');
    expect(() => fromJson({ id: null })).toThrow('"id" has a wrong value');
    expect(() => fromJson({ id: '1', until: 5 })).toThrow('must be a day or a date expression');
    expect(() => fromJson({ id: '1', x: 1 })).toThrow('no variable "x"');
    expect(() => fromJson(JSON.parse('{"id":"1","__proto__":1}') as Record<string, unknown>)).toThrow(
      'no variable "__proto__"',
    );
  });

  it('are accepted by the executor, or refused before', async () => {
    const given = fc.dictionary(
      fc.constantFrom('days', 'status', 'id', 'on', 'filter', 'name'),
      fc.jsonValue() as fc.Arbitrary<unknown>,
    );
    await fc.assert(
      fc.asyncProperty(given, async (values) => {
        let variableValues;
        try {
          variableValues = fromJson(values);
        } catch (error) {
          expect(error).toBeInstanceOf(BadUserInput);
          return;
        }
        const { errors } = await graphql({ schema: ordersSchema, source: template.text, variableValues });
        expect(errors).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
