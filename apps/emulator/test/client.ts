import { createEmulator, type Emulator, type EmulatorOptions } from '../src/emulator.ts';

/** Noon of a day in the middle of a month, so that "today" means the same on every run. */
export const NOON_MS = Date.UTC(2026, 10, 15, 12);

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; any shape, so tests can look into it. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- any shape, so tests can look into it
}

export interface Client {
  readonly emulator: Emulator;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Reply>;
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  readonly query: (text: string) => Promise<Reply>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<Reply>;
}

async function request(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(content !== undefined && { body: content }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** An emulator on a free port, without limits and cache unless asked for, and a way to talk to it. */
export async function startEmulator(options: Partial<EmulatorOptions> = {}): Promise<Client> {
  const emulator = await createEmulator({
    port: 0,
    orders: 300,
    hasLimits: false,
    cacheDir: undefined,
    machineMs: () => NOON_MS,
    ...options,
  });
  const key = { 'X-DC-DEVKEY': 'test' };
  const send: Client['send'] = (method, path, body, headers = {}) =>
    request(`${emulator.baseUrl}${path}`, method, body, { ...key, ...headers });
  return {
    emulator,
    send,
    get: (path, headers = {}) => send('GET', path, undefined, headers),
    query: (text) => send('POST', '/reports/query', text, { 'content-type': 'application/graphql' }),
    control: (method, path, body) => request(`${emulator.origin}/__emulator${path}`, method, body, {}),
  };
}
