import type { OrderField } from './order.ts';

export type Scalar = string | number | boolean;

/** Bounds, all of which hold; amounts of money are compared as numbers. */
export interface ValueRange<T> {
  readonly gte?: T;
  readonly gt?: T;
  readonly lte?: T;
  readonly lt?: T;
}

/**
 * One condition on an order. An order without a value for the field meets none but `isNull: true` and `not`.
 * Text is compared as it is stored, except `like` and `contains`, which ignore case (as CertCentral's LIKE does).
 */
export type OrderCondition =
  | { readonly op: 'in'; readonly field: OrderField; readonly values: readonly Scalar[] }
  | ({ readonly op: 'range'; readonly field: OrderField } & ValueRange<string | number>)
  /** SQL's LIKE: `%` any run of characters, `_` one. On a list of texts: one of them matches. */
  | { readonly op: 'like'; readonly field: OrderField; readonly pattern: string }
  | { readonly op: 'contains'; readonly field: OrderField; readonly text: string }
  | { readonly op: 'isNull'; readonly field: OrderField; readonly isNull: boolean }
  /** The common name or an alternative name equals `name`, or is a wildcard that covers it. */
  | { readonly op: 'coversName'; readonly name: string }
  /** The common name or an alternative name is a wildcard (begins with `*.`). */
  | { readonly op: 'isWildcard'; readonly isWildcard: boolean }
  /** Contained in common name or e-mail, as CertCentral's `filters[search]` says. */
  | { readonly op: 'search'; readonly text: string }
  /** A custom field of this label, case ignored, has a value that meets every test given; without tests, any value. */
  | {
      readonly op: 'customField';
      readonly label: string;
      readonly in?: readonly string[];
      readonly like?: string;
      readonly contains?: string;
    }
  /** Days from the first to the last day of the certificate's validity. */
  | ({ readonly op: 'validityDays' } & ValueRange<number>)
  /** The key of the certificate request is shorter: of RSA and DSA, of ECDSA. One without a request, or of another kind, is not. */
  | { readonly op: 'weakKey'; readonly minRsaBits: number; readonly minEcBits: number }
  | { readonly op: 'not'; readonly condition: OrderCondition }
  | { readonly op: 'anyOf'; readonly conditions: readonly OrderCondition[] };

/** The fields whose values decide a condition. */
export function fieldsOfCondition(condition: OrderCondition): readonly OrderField[] {
  switch (condition.op) {
    case 'coversName':
    case 'isWildcard':
      return ['commonName', 'dnsNames'];
    case 'search':
      return ['commonName', 'email'];
    case 'customField':
      return ['customFields'];
    case 'validityDays':
      return ['validFrom', 'validTill'];
    case 'weakKey':
      return ['csr'];
    case 'not':
      return fieldsOfCondition(condition.condition);
    case 'anyOf':
      return condition.conditions.flatMap(fieldsOfCondition);
    default:
      return [condition.field];
  }
}

export interface OrderSort {
  readonly field: OrderField;
  readonly direction: 'asc' | 'desc';
}

/** Where a page begins: after the order with these sort values and this id. */
export interface OrderPosition {
  readonly sortValues: readonly (Scalar | null)[];
  readonly id: number;
  /** Rows of CertCentral's list up to and including this order, where it was read from an unfiltered scan; a hint, always checked. */
  readonly listOffset?: number;
}

export interface OrderQuery {
  /** All must hold. */
  readonly conditions: readonly OrderCondition[];
  /** The id, ascending, decides between equals; orders without a value come last. Empty: by id. */
  readonly sort: readonly OrderSort[];
  /** Rows to skip before the first; only DigiCert's own query has it. */
  readonly offset: number;
  /** At most this many rows; null reads all. */
  readonly limit: number | null;
  readonly after: OrderPosition | null;
  /** Whether to count all rows that meet the conditions, however many the page has. */
  readonly withTotal: boolean;
}

export const allOrders: OrderQuery = {
  conditions: [],
  sort: [],
  offset: 0,
  limit: null,
  after: null,
  withTotal: false,
};
