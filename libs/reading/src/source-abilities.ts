import type { OrderCondition, OrderField, PushedCondition, Scalar } from '@certfolio/core';
import { namesThatCover } from './conditions.ts';

/** The three reads that give many orders. */
export type BulkSource = 'list' | 'report' | 'custom';

/** Most rows of one page. Source: ADR 0004. */
export const listPageRows = 1_000;
export const reportPageRows = 100_000;

/**
 * How a source can apply a condition.
 * `alternatives` are read one after the other and merged: one for a single value, several for `in`.
 * `exact`: the source gives precisely the rows that meet it. Otherwise it gives at least these, never fewer, and the
 * reader drops the others. No source is asked to apply a condition in a way that could lose a row.
 */
export interface Push {
  readonly alternatives: readonly PushedCondition[];
  readonly exact: boolean;
}

const equalityFields: Readonly<Record<BulkSource, ReadonlySet<OrderField>>> = {
  // https://dev.digicert.com/en/certcentral-apis/services-api/orders/list-orders.html
  list: new Set<OrderField>([
    'id',
    'organizationId',
    'productNameId',
    'userId',
    'containerId',
    'isRenewed',
    'disableRenewalNotifications',
    'email',
    'certificateId',
    'serialNumber',
    'commonName',
  ]),
  // https://dev.digicert.com/en/certcentral-apis/services-api/reports/order-report.html
  report: new Set<OrderField>([
    'id',
    'organizationId',
    'productNameId',
    'userId',
    'containerId',
    'isRenewed',
    'commonName',
  ]),
  // https://dev.digicert.com/certcentral-apis/custom-reports-api/order_details.html
  custom: new Set<OrderField>([
    'id',
    'status',
    'containerId',
    'organizationId',
    'productNameId',
    'serialNumber',
    'signatureHash',
    'userId',
    'caCertId',
    'commonName',
    'locale',
    'thumbprint',
    'email',
  ]),
};

/** Statuses that the list and the report filter by; `issued` there also gives expired orders. */
const filterableStatuses = new Set<Scalar>([
  'pending',
  'rejected',
  'revoked',
  'waiting_pickup',
  'reissue_pending',
  'canceled',
  'issued',
]);

/** What the source can do for a condition; null when it can do nothing and the reader has to. */
export function pushFor(source: BulkSource, condition: OrderCondition): Push | null {
  switch (condition.op) {
    case 'in':
      return pushIn(source, condition.field, condition.values);
    case 'range':
      return pushRange(source, condition);
    case 'like':
      // Only Custom Reports documents LIKE, for the common name alone; `_` and `\` are left to us, since a database may take them otherwise.
      return source === 'custom' &&
        condition.field === 'commonName' &&
        condition.pattern.includes('%') &&
        !/[_\\]/.test(condition.pattern)
        ? single('commonName', 'like', condition.pattern, true)
        : null;
    case 'coversName':
      return source === 'list'
        ? {
            alternatives: namesThatCover(condition.name).map((value) => ({ field: 'domainName', op: 'eq', value })),
            exact: true,
          }
        : null;
    default:
      return null;
  }
}

function pushIn(source: BulkSource, field: OrderField, values: readonly Scalar[]): Push | null {
  if (field === 'status' && source !== 'custom') {
    const asked = new Set(values.map((value) => (value === 'expired' ? 'issued' : value)));
    if (![...asked].every((value) => filterableStatuses.has(value))) return null;
    return {
      alternatives: [...asked].map((value) => ({ field, op: 'eq', value })),
      exact: !values.includes('issued') && !values.includes('expired'),
    };
  }
  if (!equalityFields[source].has(field)) return null;
  if (field === 'commonName' && values.some((value) => String(value).includes('%'))) return null;
  return { alternatives: [...new Set(values)].map((value) => ({ field, op: 'eq', value })), exact: true };
}

function pushRange(source: BulkSource, range: Extract<OrderCondition, { op: 'range' }>): Push | null {
  const lower = range.gte ?? range.gt;
  const upper = range.lte ?? range.lt;
  if (source === 'custom') {
    // One bound per date column is all it has: from for valid_from and date_created, till for valid_till.
    if (range.field === 'validTill' && upper !== undefined) {
      return single('validTill', 'lte', upper, lower === undefined && range.lt === undefined);
    }
    if (range.field === 'validFrom' && lower !== undefined) {
      return single('validFrom', 'gte', lower, upper === undefined && range.gt === undefined);
    }
    // The zone of date_created is documented nowhere, so a day more is asked for and the rest dropped here.
    if (range.field === 'dateCreated' && lower !== undefined) {
      const earlier = aDayEarlier(String(lower));
      return earlier === null ? null : single('dateCreated', 'gte', earlier, false);
    }
    return null;
  }
  if (source === 'list' && (range.field === 'validTill' || range.field === 'dateCreated') && lower !== undefined) {
    // The `>` prefix is what client programs rely on; whether it includes the day itself nobody says, so it never counts as exact.
    return single(range.field, 'gte', lower, false);
  }
  return null;
}

/** Null where the day before has no year of four digits, or the text is no instant. */
function aDayEarlier(timestamp: string): string | null {
  const earlierMs = Date.parse(timestamp) - 86_400_000;
  if (!(earlierMs >= Date.parse('0000-01-01T00:00:00Z'))) return null;
  return `${new Date(earlierMs).toISOString().slice(0, 19)}Z`;
}

function single(field: PushedCondition['field'], op: PushedCondition['op'], value: Scalar, exact: boolean): Push {
  return { alternatives: [{ field, op, value }], exact };
}
