import { productByNameId, products, type Product } from '../account/products.ts';
import { type Random } from '../account/random.ts';
import { type OrderStatus } from './order.ts';

/** What is decided about an order before anything else, without looking at other orders. */
export interface OrderTraits {
  readonly product: Product;
  readonly status: OrderStatus;
  /** Years of a multi-year plan, 1 for a plain order. */
  readonly planYears: number;
  /** Names beside the common name; undefined leaves it to chance. */
  readonly extraNames?: number;
  readonly duplicates?: number;
  readonly reissues?: number;
  /** Part of the fixed cases: never renews and is never renewed. */
  readonly isFixed: boolean;
}

function fixed(nameId: string, status: OrderStatus, more: Partial<OrderTraits> = {}): OrderTraits {
  return { product: productByNameId(nameId), status, planYears: 1, isFixed: true, ...more };
}

/** The newest orders are these, so that even a small account shows every case. */
const fixedCases: readonly OrderTraits[] = [
  fixed('ssl_basic', 'needs_approval'),
  fixed('ssl_multi_domain', 'issued', { extraNames: 99 }),
  fixed('ssl_plus', 'pending'),
  fixed('ssl_wildcard', 'issued', { duplicates: 3 }),
  fixed('ssl_ev_plus', 'processing'),
  fixed('ssl_securesite_flex', 'issued', { planYears: 3, reissues: 2 }),
  fixed('client_premium', 'waiting_pickup'),
  fixed('client_premium', 'issued'),
  fixed('secure_email_mailbox', 'issued'),
  fixed('code_signing', 'issued'),
  fixed('code_signing_ev', 'pending'),
  fixed('ssl_dv_geotrust', 'issued'),
  fixed('ssl_dv_geotrust', 'pending'),
  fixed('private_ssl_plus', 'issued'),
  fixed('ssl_securesite_pro', 'reissue_pending', { reissues: 1 }),
  fixed('ssl_basic', 'rejected'),
  fixed('ssl_basic', 'canceled'),
  fixed('ssl_ev_multi_domain', 'revoked', { duplicates: 1 }),
  fixed('ssl_basic', 'needs_csr'),
];

const weighted = products.flatMap((candidate) => Array.from({ length: candidate.weight }, () => candidate));

const closed = ['revoked', 'revoked', 'rejected', 'canceled'] as const;
const open = [
  'pending',
  'pending',
  'pending',
  'needs_approval',
  'needs_approval',
  'processing',
  'reissue_pending',
  'reissue_pending',
] as const;

function drawStatus(random: Random, isRecent: boolean, isClient: boolean): OrderStatus {
  const draw = random.next();
  if (draw < 0.06) return random.pick(closed);
  if (draw < (isRecent ? 0.22 : 0.075)) return isClient ? 'waiting_pickup' : random.pick(open);
  return 'issued';
}

/** @param fromNewest 0 for the newest order */
export function drawTraits(random: Random, fromNewest: number, isRecent: boolean): OrderTraits {
  const fixedCase = fixedCases[fromNewest];
  if (fixedCase !== undefined) return fixedCase;
  const chosen = random.pick(weighted);
  const planYears = chosen.kind === 'tls' && random.chance(0.18) ? 2 + random.int(2) : 1;
  return { product: chosen, status: drawStatus(random, isRecent, chosen.kind === 'client'), planYears, isFixed: false };
}
