import { exitCodeOf, exitCodes, GatewayError, type GatewayClient } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { spelled } from '../keys/key-fields.ts';
import { fail, ok, warn, type Check } from './check.ts';

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
      return fail(
        'key',
        error.message,
        'Give a key; the first start of "certfolio up" prints one.',
        exitCodes.keyRefused,
      );
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
      exitCodeOf(error.code),
    );
  }
}
