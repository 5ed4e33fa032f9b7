import type { EmulatorProcess } from '@certfolio/testing';

export interface CallStats {
  readonly total: number;
  /** By method and route, `GET /order/certificate`. */
  readonly calls: Readonly<Record<string, number>>;
  /** By the key that was sent. */
  readonly byKey: Readonly<Record<string, number>>;
  readonly limited: number;
  readonly peak5s: number;
}

/** Calls since the last reset. */
export async function statsOf(emulator: EmulatorProcess): Promise<CallStats> {
  return (await emulator.control('stats')) as CallStats;
}

/** Runs `action` and tells which calls it cost. */
export async function callsOf<T>(
  emulator: EmulatorProcess,
  action: () => Promise<T>,
): Promise<{ readonly result: T; readonly stats: CallStats }> {
  await emulator.control('stats', { method: 'DELETE' });
  const result = await action();
  return { result, stats: await statsOf(emulator) };
}

/** What CertCentral itself answers, past the product. */
export async function askUpstream(
  emulator: EmulatorProcess,
  path: string,
  key = 'looking-past-the-product',
): Promise<unknown> {
  const response = await fetch(`${emulator.baseUrl}${path}`, {
    headers: { 'X-DC-DEVKEY': key, Accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`The emulator answered ${path} with ${response.status}.`);
  return response.json();
}
