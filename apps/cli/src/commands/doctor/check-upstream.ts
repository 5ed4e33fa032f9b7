import { exitCodes, GatewayError, type GatewayClient } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { fail, ok, skipped, warn, type Check } from './check.ts';

/** A CertCentral account, as the control graph and `--json` tell it. */
export interface Upstream {
  readonly account: string;
  readonly host: string;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly keyKind: string | null;
  readonly proxy: string | null;
  readonly privateCa: boolean;
  readonly clockAheadMs: number | null;
  readonly reachable: boolean;
  readonly error: string | null;
  readonly budget: {
    readonly freeNow: number;
    readonly windows: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];
  };
  readonly mirror: Mirror | null;
}

export interface Mirror {
  readonly dataAsOf: string | null;
  readonly orders: number;
  readonly upstreamTotal: number | null;
  readonly complete: boolean;
}

const query = `query Upstream($account: String) { upstream(account: $account) {
  account host accountId accountName keyKind proxy privateCa clockAheadMs reachable error
  budget { freeNow windows { calls windowMs free } } mirror { dataAsOf orders upstreamTotal complete }
} }`;

/** Refusals of a key that need not be an administrator's. */
const notForThisKey = ['FORBIDDEN', 'PERSISTED_QUERY_ID_REQUIRED', 'QUERY_NOT_IN_SAFELIST'];

/**
 * The account behind the gateway; null when this key is not told.
 *
 * @param account null is that of the key
 * @throws GatewayError when there is no such account
 */
export async function askUpstream(
  client: () => Promise<GatewayClient>,
  account: string | null,
  signal: AbortSignal,
): Promise<{ readonly upstream: Upstream | null; readonly checks: readonly Check[] }> {
  try {
    const answer = await (await client()).query<{ upstream: Upstream }>(query, { account }, { signal });
    return { upstream: answer.upstream, checks: checkUpstream(answer.upstream) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return {
        upstream: null,
        checks: [
          fail(
            'CertCentral',
            'the gateway had no answer in time',
            'See the log of the gateway.',
            exitCodes.certcentral,
          ),
        ],
      };
    if (error instanceof GatewayError && error.code === 'BAD_USER_INPUT') throw error;
    if (!(error instanceof GatewayError) && !(error instanceof CliError)) throw error;
    const isRefused = error instanceof GatewayError && notForThisKey.includes(error.code);
    return {
      upstream: null,
      checks: [skipped('CertCentral', isRefused ? 'only an admin key is told' : error.message)],
    };
  }
}

/** Whether it is reached and how, what its key may do, its clock, and what is left of its calls. */
export function checkUpstream(upstream: Upstream): readonly Check[] {
  return [
    checkReached(upstream),
    checkWay(upstream),
    checkUpstreamKey(upstream),
    checkUpstreamClock(upstream),
    checkBudget(upstream),
    checkMirror(upstream),
  ];
}

function checkReached({ host, account, accountId, accountName, reachable, error }: Upstream): Check {
  const facts = [host, accountName, accountId === null ? null : `account ${accountId}`, `named "${account}" here`];
  if (reachable) return ok('CertCentral', facts.filter((fact) => fact !== null).join(', '));
  return fail(
    'CertCentral',
    `${host}: ${error ?? 'not reachable'}`,
    'Check the key and address of the account, and the proxy of the gateway.',
    exitCodes.certcentral,
  );
}

function checkWay({ proxy, privateCa }: Upstream): Check {
  const ca = privateCa ? ', certificates of NODE_EXTRA_CA_CERTS are trusted' : '';
  return ok('way to CertCentral', `${proxy === null ? 'direct, no proxy' : `through the proxy ${proxy}`}${ca}`);
}

function checkUpstreamKey({ keyKind }: Upstream): Check {
  switch (keyKind) {
    case 'emulator':
      return ok('upstream key', 'the bundled emulator takes any');
    case 'view-only':
      return ok('upstream key', 'may only read');
    case 'more-than-view-only':
      return warn(
        'upstream key',
        'may do more than read',
        'Restrict it to "View Only" in CertCentral; reading needs no more. Custom Reports then cannot be used, which costs more calls for some fields.',
      );
    default:
      return skipped('upstream key', 'CertCentral did not tell what it may do');
  }
}

/** `Date` has whole seconds, and CertCentral is asked through a network. */
const clockToleranceMs = 5_000;

function checkUpstreamClock({ clockAheadMs }: Upstream): Check {
  if (clockAheadMs === null) return skipped('clock of CertCentral', 'it did not tell its time');
  if (Math.abs(clockAheadMs) <= clockToleranceMs) return ok('clock of CertCentral', 'as the gateway, within 5 s');
  return warn(
    'clock of CertCentral',
    `${Math.round(Math.abs(clockAheadMs) / 1_000)} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the gateway`,
    'Set the machine of the gateway by NTP; changes since a time are asked for by its clock.',
  );
}

function checkBudget({ budget: { freeNow, windows } }: Upstream): Check {
  if (windows.length === 0) return skipped('call budget', 'not known here');
  const left = windows.map(({ calls, windowMs, free }) => `${free} of ${calls} in ${windowMs / 1_000} s`).join(', ');
  if (freeNow > 0) return ok('call budget', `${counted(freeNow, 'call')} free now (${left})`);
  return warn(
    'call budget',
    `no call is free now (${left})`,
    'Wait; who calls is in the metrics by key. Other programs share the limit of the CertCentral key.',
  );
}

function checkMirror({ mirror }: Upstream): Check {
  if (mirror === null) return skipped('mirror', 'there is none; every read is live');
  const { dataAsOf, orders, upstreamTotal, complete } = mirror;
  const total = upstreamTotal === null ? '' : ` of ${upstreamTotal.toLocaleString('en-US')}`;
  const found = `${orders.toLocaleString('en-US')}${total} orders, ${dataAsOf === null ? 'not filled yet' : `as of ${dataAsOf}`}`;
  return complete ? ok('mirror', found) : warn('mirror', found, 'Wait until it is filled; reads go live until then.');
}
