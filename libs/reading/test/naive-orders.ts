import type { Order, OrderCondition, OrderField, OrderQuery, ReadScope, Scalar } from '@certfolio/core';

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
  const ahead = after === null ? sorted : sorted.slice(sorted.findIndex(({ id }) => id === after.id) + 1);
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
    return (left < right ? -1 : 1) * (direction === 'asc' ? 1 : -1);
  }
  return a.id - b.id;
}

function sortable(order: Order, field: OrderField): string | number | null {
  const value = order[field];
  if (value == null) return null;
  if (field === 'cost') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

export function meets(order: Order, condition: OrderCondition): boolean {
  switch (condition.op) {
    case 'in':
      return values(order, condition.field).some((value) => condition.values.includes(value as Scalar));
    case 'range': {
      const [stored] = values(order, condition.field) as [string | number | undefined];
      if (stored === undefined) return false;
      const plain = <T>(text: T) => (condition.field === 'cost' && text !== undefined ? Number(text) : text);
      const [value, gte, gt, lte, lt] = [stored, condition.gte, condition.gt, condition.lte, condition.lt].map(
        plain,
      ) as [number, number?, number?, number?, number?];
      return (
        !(gte !== undefined && value < gte) &&
        !(gt !== undefined && value <= gt) &&
        !(lte !== undefined && value > lte) &&
        !(lt !== undefined && value >= lt)
      );
    }
    case 'like': {
      const escaped = condition.pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const pattern = new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'is');
      return values(order, condition.field).some((value) => pattern.test(String(value)));
    }
    case 'contains':
      return values(order, condition.field).some((value) =>
        String(value).toLowerCase().includes(condition.text.toLowerCase()),
      );
    case 'isNull':
      return (values(order, condition.field).length === 0) === condition.isNull;
    case 'coversName': {
      const wanted = condition.name.toLowerCase();
      return certificateNames(order).some((name) => {
        const known = name.toLowerCase();
        return (
          known === wanted ||
          (known.startsWith('*.') &&
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

const certificateNames = (order: Order) => [
  ...(order.commonName == null ? [] : [order.commonName]),
  ...(order.dnsNames ?? []),
];
