import { GatewayError, type GatewayClient } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { spelled } from '../keys/key-fields.ts';
import { fail, ok, skipped, warn, type Check } from './check.ts';

interface Me {
  readonly keyId: string;
  readonly name: string;
  readonly owner: string;
  readonly level: string;
  readonly scopes: readonly string[];
}

/** Whether the key is accepted, and as whom. The client is made here, since there may be no key at all. */
export async function checkKey(client: () => Promise<GatewayClient>, signal: AbortSignal): Promise<Check> {
  try {
    const { me } = await (await client()).query<{ me: Me }>('{ me { keyId name owner level scopes } }', {}, { signal });
    return ok(
      'key',
      `"${me.name}" of ${me.owner}, level ${spelled(me.level)}, scopes ${me.scopes.join(', ') || 'none'}`,
    );
  } catch (error) {
    if (error instanceof CliError)
      return fail('key', error.message, 'Give a key; the first start of "certfolio up" prints one.');
    if (!(error instanceof GatewayError)) throw error;
    // A key that may send templates only is refused for the question, not for what it is.
    if (error.code === 'PERSISTED_QUERY_ID_REQUIRED' || error.code === 'QUERY_NOT_IN_SAFELIST') {
      return warn(
        'key',
        'accepted, for templates only',
        'Nothing, unless this key is to administer; then make one of level open.',
      );
    }
    return fail(
      'key',
      error.message,
      error.code === 'UNAUTHENTICATED' ? 'Set CERTFOLIO_KEY to a key that is valid.' : 'See the message.',
    );
  }
}

interface Upstream {
  readonly account: string;
  readonly host: string;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly keyKind: string | null;
  readonly reachable: boolean;
  readonly error: string | null;
  readonly budget: {
    readonly freeNow: number;
    readonly windows: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];
  };
}

const upstreamQuery =
  '{ upstream { account host accountId accountName keyKind reachable error budget { freeNow windows { calls windowMs free } } } }';

/** The CertCentral account behind the gateway and what is left of its call budget. */
export async function checkUpstream(client: () => Promise<GatewayClient>, signal: AbortSignal): Promise<Check[]> {
  let upstream: Upstream;
  try {
    ({ upstream } = await (await client()).query<{ upstream: Upstream }>(upstreamQuery, {}, { signal }));
  } catch (error) {
    if (
      error instanceof GatewayError &&
      ['FORBIDDEN', 'PERSISTED_QUERY_ID_REQUIRED', 'QUERY_NOT_IN_SAFELIST'].includes(error.code)
    ) {
      return [skipped('CertCentral', 'only an admin key is told')];
    }
    if (!(error instanceof GatewayError) && !(error instanceof CliError)) throw error;
    return [skipped('CertCentral', error.message)];
  }
  const { host, accountId, accountName, keyKind, reachable, error, budget } = upstream;
  const account = [
    accountName,
    accountId === null ? null : `account ${accountId}`,
    keyKind === null ? null : `key: ${keyKind}`,
  ].filter((part) => part !== null);
  const free = budget.windows
    .map(({ calls, windowMs, free: left }) => `${left} of ${calls} in ${windowMs / 1_000} s`)
    .join(', ');
  return [
    reachable
      ? ok('CertCentral', `${host}, ${account.join(', ')}`)
      : fail(
          'CertCentral',
          `${host}: ${error ?? 'not reachable'}`,
          'Check CERTCENTRAL_API_KEY, CERTCENTRAL_BASE_URL and the proxy of the gateway.',
        ),
    budget.freeNow > 0
      ? ok('call budget', `${budget.freeNow} calls free now (${free})`)
      : warn(
          'call budget',
          `no call is free now (${free})`,
          'Wait; who calls is in the metrics by key. Other programs share the limit of the CertCentral key.',
        ),
  ];
}
