import { createGatewayClient, type GatewayClient } from '@certfolio/client';
import type { CliConfig } from './config.ts';
import { createFetch } from './gateway-fetch.ts';
import { readKey } from './read-key.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly url: string | null;
  readonly keyFile: string | null;
  readonly keyStdin: boolean;
}

/** What a command works with, made once per call. */
export interface Session {
  readonly config: CliConfig;
  readonly terminal: Terminal;
  /** The command answers in JSON. */
  readonly json: boolean;
  readonly url: string;
  /** Standard input has the key to send, and nothing else. */
  readonly readsKeyFromInput: boolean;
  /** The address was given with `--url`. */
  readonly isUrlGiven: boolean;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  nowMs(): number;
  /** @throws CliError when there is no key */
  client(): Promise<GatewayClient>;
  /** For what the gateway tells everyone. */
  clientWithoutKey(): Promise<GatewayClient>;
}

export function createSession(
  config: CliConfig,
  terminal: Terminal,
  options: GlobalOptions,
  signal: AbortSignal,
): Session {
  const url = options.url ?? config.url;
  const nowMs = () => Date.now();
  const create = async (key: string | null) =>
    createGatewayClient({ url, key, fetch: await createFetch(url, config), nowMs });
  return {
    config,
    terminal,
    json: options.json,
    url,
    readsKeyFromInput: options.keyStdin,
    isUrlGiven: options.url !== null,
    signal,
    nowMs,
    client: async () => create(await readKey({ ...options, key: config.key })),
    clientWithoutKey: () => create(null),
  };
}
