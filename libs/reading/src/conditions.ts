import {
  daysBetween,
  factsOf,
  publicKeyOf,
  type Order,
  type OrderCondition,
  type OrderField,
  type ValueRange,
} from '@certfolio/core';
import { compareValues } from './ordering.ts';

export { fieldsOfCondition } from '@certfolio/core';

export type OrderPredicate = (order: Order) => boolean;

/** One function that says whether an order meets all conditions; made once per query, called once per row. */
export function compileConditions(conditions: readonly OrderCondition[]): OrderPredicate {
  const predicates = conditions.map(compile);
  if (predicates.length === 1) return predicates[0]!;
  return (order) => predicates.every((holds) => holds(order));
}

function compile(condition: OrderCondition): OrderPredicate {
  switch (condition.op) {
    case 'in': {
      const wanted = new Set<unknown>(condition.values);
      return (order) => valuesOf(order, condition.field).some((value) => wanted.has(value));
    }
    case 'range': {
      const { field, gte, gt, lte, lt } = condition;
      const isAmount = factsOf(field).kind === 'decimal';
      const bounds = [gte, gt, lte, lt].filter((bound) => bound !== undefined);
      const isWithin = within(condition, (value, bound) => compareValues(field, value, bound, 'asc'));
      return (order) => {
        const value = order[field];
        if (typeof value !== 'string' && typeof value !== 'number') return false;
        // A text is neither before nor behind a number.
        return (isAmount || bounds.every((bound) => typeof bound === typeof value)) && isWithin(value);
      };
    }
    case 'like': {
      const pattern = likePattern(condition.pattern);
      return (order) => textsOf(order, condition.field).some((text) => pattern.test(text));
    }
    case 'contains': {
      const needle = condition.text.toLowerCase();
      return (order) => textsOf(order, condition.field).some((text) => text.toLowerCase().includes(needle));
    }
    case 'isNull':
      return (order) => (valuesOf(order, condition.field).length === 0) === condition.isNull;
    case 'coversName': {
      const covering = new Set(namesThatCover(condition.name));
      return (order) => namesOf(order).some((name) => covering.has(name.toLowerCase()));
    }
    case 'isWildcard':
      return (order) => namesOf(order).some((name) => name.startsWith('*.')) === condition.isWildcard;
    case 'search': {
      const needle = condition.text.toLowerCase();
      return (order) =>
        [order.commonName, order.email].some((text) => text != null && text.toLowerCase().includes(needle));
    }
    case 'customField': {
      const label = condition.label.toLowerCase();
      const meetsTests = customValueTest(condition);
      return (order) =>
        (order.customFields ?? []).some((field) => field.label?.toLowerCase() === label && meetsTests(field.value));
    }
    case 'validityDays': {
      const isWithin = within(condition, (days: number, bound) => days - bound);
      return ({ validFrom, validTill }) =>
        validFrom != null && validTill != null && isWithin(daysBetween(validFrom, validTill));
    }
    case 'weakKey': {
      const { minRsaBits, minEcBits } = condition;
      return ({ csr }) => {
        const key = csr == null ? null : publicKeyOf(csr);
        if (key === null || key.size === null) return false;
        if (key.algorithm === 'ECDSA') return key.size < minEcBits;
        return (key.algorithm === 'RSA' || key.algorithm === 'DSA') && key.size < minRsaBits;
      };
    }
    case 'not': {
      const holds = compile(condition.condition);
      return (order) => !holds(order);
    }
    case 'anyOf': {
      const predicates = condition.conditions.map(compile);
      return (order) => predicates.some((holds) => holds(order));
    }
  }
}

/** @param compare less than 0 for a value before the bound */
function within<T>(
  { gte, gt, lte, lt }: ValueRange<T>,
  compare: (value: T, bound: T) => number,
): (value: T) => boolean {
  return (value) =>
    (gte === undefined || compare(value, gte) >= 0) &&
    (gt === undefined || compare(value, gt) > 0) &&
    (lte === undefined || compare(value, lte) <= 0) &&
    (lt === undefined || compare(value, lt) < 0);
}

function customValueTest(
  condition: Extract<OrderCondition, { readonly op: 'customField' }>,
): (value: string) => boolean {
  const wanted = condition.in === undefined ? null : new Set(condition.in);
  const pattern = condition.like === undefined ? null : likePattern(condition.like);
  const needle = condition.contains?.toLowerCase();
  return (value) =>
    (wanted === null || wanted.has(value)) &&
    (pattern === null || pattern.test(value)) &&
    (needle === undefined || value.toLowerCase().includes(needle));
}

/** The exact name and the one wildcard that covers it: a wildcard stands for one label (RFC 6125, 6.4.3). */
export function namesThatCover(name: string): readonly string[] {
  const exact = name.toLowerCase();
  const parent = /^[^.*]+\.(.+)$/.exec(exact)?.[1];
  return parent === undefined ? [exact] : [exact, `*.${parent}`];
}

function namesOf(order: Order): readonly string[] {
  const names = order.dnsNames ?? [];
  return order.commonName == null ? names : [order.commonName, ...names];
}

function valuesOf(order: Order, field: OrderField): readonly unknown[] {
  const value = order[field];
  if (value == null) return [];
  return Array.isArray(value) ? value : [value];
}

function textsOf(order: Order, field: OrderField): readonly string[] {
  if (factsOf(field).kind === 'customFields') return (order.customFields ?? []).map(({ value }) => value);
  return valuesOf(order, field).map(String);
}

/** `%` any run, `_` one character, case ignored. The runs are matched lazily over one line of text, so no pattern can explode. */
function likePattern(pattern: string): { test(text: string): boolean } {
  const tokens = [...pattern.toLowerCase()];
  return { test: (text) => matchesLike([...text.toLowerCase()], tokens) };
}

/** The two-pointer wildcard match: linear but for re-tries from the last `%`, at worst pattern × text steps. */
function matchesLike(text: readonly string[], pattern: readonly string[]): boolean {
  let at = 0;
  let token = 0;
  let lastPercent = -1;
  let resumeAt = 0;
  while (at < text.length) {
    if (pattern[token] === '%') {
      lastPercent = token;
      token += 1;
      resumeAt = at;
    } else if (token < pattern.length && (pattern[token] === '_' || pattern[token] === text[at])) {
      at += 1;
      token += 1;
    } else if (lastPercent >= 0) {
      resumeAt += 1;
      at = resumeAt;
      token = lastPercent + 1;
    } else {
      return false;
    }
  }
  while (pattern[token] === '%') token += 1;
  return token === pattern.length;
}
