import {
  publicKeyOf,
  type CustomFieldValue,
  type Order,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
  type ReadScope,
  type Scalar,
} from '@certfolio/core';

/** What a query means, written for reading and not for speed: filter, count, sort, go on after, skip, cut. */
export function evaluateNaively(
  orders: readonly Order[],
  query: OrderQuery,
  scope: ReadScope,
): { page: Order[]; total: number; hasNext: boolean } {
  const visible = orders.filter((order) => scope.containers === 'all' || scope.containers.has(order.containerId!));
  const matching = visible.filter((order) => query.conditions.every((condition) => meets(order, condition)));
  const sorted = matching.sort((a, b) => compareNaively(a, b, query));
  const { after } = query;
  const before = after === null ? null : orders.find(({ id }) => id === after.id)!;
  const ahead = before === null ? sorted : sorted.filter((order) => compareNaively(order, before, query) > 0);
  const from = query.offset;
  const to = query.limit === null ? ahead.length : from + query.limit;
  return { page: ahead.slice(from, to), total: matching.length, hasNext: ahead.length > to };
}

function compareNaively(a: Order, b: Order, { sort }: OrderQuery): number {
  for (const { field, direction } of sort) {
    const [left, right] = [sortable(a, field), sortable(b, field)];
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return (compareByCodePoint(left, right) < 0 ? -1 : 1) * (direction === 'asc' ? 1 : -1);
  }
  return a.id - b.id;
}

function sortable(order: Order, field: OrderField): string | number | null {
  const [value] = values(order, field);
  if (value === undefined) return null;
  if (field === 'cost' || typeof value === 'boolean') return Number(value);
  return typeof value === 'object' ? (value as CustomFieldValue).value : (value as string | number);
}

/** Buffers compare byte by byte, and UTF-8 keeps the order of code points. */
function compareByCodePoint(a: string | number, b: string | number): number {
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : a - Number(b);
}

export function meets(order: Order, condition: OrderCondition): boolean {
  switch (condition.op) {
    case 'in':
      return values(order, condition.field).some((value) => condition.values.includes(value as Scalar));
    case 'range': {
      const [value] = values(order, condition.field) as [string | number | undefined];
      if (value === undefined || Array.isArray(order[condition.field]) || typeof value === 'boolean') return false;
      const { gte, gt, lte, lt } = condition;
      const bounds = [gte, gt, lte, lt].filter((bound) => bound !== undefined);
      const isAmount = condition.field === 'cost';
      if (!isAmount && bounds.some((bound) => typeof bound !== typeof value)) return false;
      const to = (bound: string | number) =>
        isAmount ? Number(value) - Number(bound) : compareByCodePoint(value, bound);
      return (
        !(gte !== undefined && to(gte) < 0) &&
        !(gt !== undefined && to(gt) <= 0) &&
        !(lte !== undefined && to(lte) > 0) &&
        !(lt !== undefined && to(lt) >= 0)
      );
    }
    case 'like': {
      const escaped = condition.pattern.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const pattern = new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'su');
      return texts(order, condition.field).some((value) => pattern.test(value.toLowerCase()));
    }
    case 'contains':
      return texts(order, condition.field).some((value) => value.toLowerCase().includes(condition.text.toLowerCase()));
    case 'isNull':
      return (values(order, condition.field).length === 0) === condition.isNull;
    case 'coversName': {
      const wanted = condition.name.toLowerCase();
      return certificateNames(order).some((name) => {
        const known = name.toLowerCase();
        return (
          known === wanted ||
          (known.startsWith('*.') &&
            known.length > 2 &&
            wanted.slice(wanted.indexOf('.') + 1) === known.slice(2) &&
            wanted.includes('.') &&
            !wanted.startsWith('.') &&
            !wanted.startsWith('*'))
        );
      });
    }
    case 'isWildcard':
      return certificateNames(order).some((name) => name.startsWith('*.')) === condition.isWildcard;
    case 'search':
      return [order.commonName, order.email].some(
        (text) => text?.toLowerCase().includes(condition.text.toLowerCase()) ?? false,
      );
    case 'customField':
      return (order.customFields ?? []).some(
        ({ label, value }) =>
          label?.toLowerCase() === condition.label.toLowerCase() &&
          (condition.in?.includes(value) ?? true) &&
          (condition.contains === undefined || value.toLowerCase().includes(condition.contains.toLowerCase())) &&
          (condition.like === undefined ||
            meets({ id: order.id, commonName: value }, { op: 'like', field: 'commonName', pattern: condition.like })),
      );
    case 'validityDays': {
      if (order.validFrom == null || order.validTill == null) return false;
      const days = (Date.parse(order.validTill) - Date.parse(order.validFrom)) / 86_400_000;
      const { gte = -Infinity, gt = -Infinity, lte = Infinity, lt = Infinity } = condition;
      return days >= gte && days > gt && days <= lte && days < lt;
    }
    case 'weakKey': {
      const key = order.csr == null ? null : publicKeyOf(order.csr);
      const least = new Map([
        ['RSA', condition.minRsaBits],
        ['DSA', condition.minRsaBits],
        ['ECDSA', condition.minEcBits],
      ]);
      return (key?.size ?? Infinity) < (least.get(key?.algorithm ?? '') ?? 0);
    }
    case 'not':
      return !meets(order, condition.condition);
    case 'anyOf':
      return condition.conditions.some((one) => meets(order, one));
  }
}

function values(order: Order, field: OrderField): unknown[] {
  const value = order[field];
  return value == null ? [] : Array.isArray(value) ? value : [value];
}

function texts(order: Order, field: OrderField): string[] {
  return values(order, field).map((value) =>
    typeof value === 'object' ? (value as CustomFieldValue).value : String(value),
  );
}

const certificateNames = (order: Order) => [
  ...(order.commonName == null ? [] : [order.commonName]),
  ...(order.dnsNames ?? []),
];
