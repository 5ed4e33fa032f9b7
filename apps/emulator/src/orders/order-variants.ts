import { type CertificateVariant } from '../certificates/file-spec.ts';
import { DAY_MS, isoDay, SECOND_MS, startOfDay } from '../dates.ts';
import { makeSerialNumber } from './make-order.ts';
import { dnsNamesOf, type Order } from './order.ts';

/** A certificate of an order beside, or before, its primary one. */
export interface OrderCertificate {
  readonly id: number;
  readonly status: 'approved' | 'issued' | 'pending' | 'rejected';
  readonly createdMs: number;
  readonly isArchived: boolean;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  /** Undefined when it was not issued. */
  readonly variant: CertificateVariant | undefined;
}

const HOUR_MS = 3_600 * SECOND_MS;

/** Every third order with duplicates also has an archived one, which is not in `duplicates_count`. */
const hasArchived = (order: Order) => order.duplicatesCount > 0 && order.id % 3 === 0;

export function duplicatesOf(order: Order): readonly OrderCertificate[] {
  const { issuance } = order;
  if (issuance === undefined || order.duplicatesCount === 0) return [];
  const count = order.duplicatesCount + (hasArchived(order) ? 1 : 0);
  const dnsNames = dnsNamesOf(order);
  return Array.from({ length: count }, (_, at) => {
    const issuedMs = Math.min(issuance.issuedMs + (at + 1) * DAY_MS, startOfDay(issuance.validTill));
    const serialNumber = makeSerialNumber('duplicate', order.id, at);
    return {
      id: order.certificateId + 1 + at,
      status: 'approved',
      createdMs: issuedMs - HOUR_MS,
      isArchived: at >= order.duplicatesCount,
      commonName: order.commonName,
      dnsNames,
      variant: {
        commonName: order.commonName,
        dnsNames,
        issuedMs,
        validFrom: isoDay(issuedMs),
        validTill: issuance.validTill,
        serialNumber,
      },
    };
  });
}

function earlierReissue(order: Order, at: number): OrderCertificate {
  const { issuance } = order;
  const lastMs = issuance?.issuedMs ?? order.createdMs;
  const issuedMs =
    order.createdMs + ((lastMs - order.createdMs) / (order.reissuesCount + 1)) * (order.reissuesCount - at);
  const atMs = Math.floor(issuedMs / SECOND_MS) * SECOND_MS;
  const dnsNames = dnsNamesOf(order);
  const serialNumber = makeSerialNumber('reissue', order.id, at);
  const validTill = issuance?.validTill ?? isoDay(atMs);
  return {
    id: order.certificateId + 5 + at,
    status: 'issued',
    createdMs: atMs,
    isArchived: at > 1,
    commonName: order.commonName,
    dnsNames,
    variant: {
      commonName: order.commonName,
      dnsNames,
      issuedMs: atMs,
      validFrom: isoDay(atMs),
      validTill,
      serialNumber,
    },
  };
}

/** Newest first: a pending one of a `reissue_pending` order, the primary certificate, its predecessors, a rejected one. */
export function reissuesOf(order: Order): readonly OrderCertificate[] {
  const { issuance, commonName, reissuesCount } = order;
  const names = { commonName, dnsNames: dnsNamesOf(order), isArchived: false };
  const waiting: OrderCertificate = {
    ...names,
    id: order.certificateId + 9,
    status: 'pending',
    createdMs: order.statusChangedMs,
    variant: undefined,
  };
  const open = order.status === 'reissue_pending' ? [waiting] : [];
  if (issuance === undefined || reissuesCount === 0) return open;
  const primary: OrderCertificate = {
    ...names,
    id: order.certificateId,
    status: 'issued',
    createdMs: issuance.issuedMs - HOUR_MS,
    variant: { ...names, ...issuance },
  };
  const earlier = Array.from({ length: reissuesCount - 1 }, (_, at) => earlierReissue(order, at));
  const rejected: OrderCertificate = {
    ...names,
    id: order.certificateId + 8,
    status: 'rejected',
    createdMs: order.createdMs + HOUR_MS,
    variant: undefined,
  };
  return [...open, primary, ...earlier, ...(order.id % 2 === 0 ? [rejected] : [])];
}
