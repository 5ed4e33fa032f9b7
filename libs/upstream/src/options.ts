import type { Clock, Logger } from '@certfolio/core';
import { z } from 'zod';
import { checkWindows, defaultWindows, type RollingWindow } from './call-budget.ts';
import type { CallBudget } from './budget-port.ts';
import type { CallReport, ProxyOptions, Timeouts } from './transport-options.ts';

/** Limits and times of the client; each has a default. */
export interface CertCentralSettings {
  /** The call budget; margins under CertCentral's limits unless told. */
  readonly windows: readonly RollingWindow[];
  readonly maxQueued: number;
  readonly connections: number;
  readonly timeouts: Timeouts;
  /** Of one JSON answer. */
  readonly maxBodyBytes: number;
  /** Of one order report. */
  readonly maxReportBytes: number;
  readonly maxRowBytes: number;
  /** Attempts at one read, the first included; 429s are not counted. */
  readonly attempts: number;
  readonly backoff: { readonly baseMs: number; readonly mostMs: number };
  readonly breaker: { readonly failures: number; readonly openMs: number };
  /** IANA zone of times without a zone, in both reports and in finance, which DigiCert does not document. */
  readonly reportZone: string;
}

export interface CertCentralOptions {
  /** `https://…/services/v2`; plain http for loopback addresses only. */
  readonly baseUrl: string;
  /** Asked before every attempt, so that a changed key is used at once. */
  readonly apiKey: () => string;
  /** Of this program, for the User-Agent. */
  readonly version: string;
  readonly settings?: {
    readonly [K in keyof CertCentralSettings]?: CertCentralSettings[K] extends readonly unknown[]
      ? CertCentralSettings[K]
      : CertCentralSettings[K] extends object
        ? Partial<CertCentralSettings[K]>
        : CertCentralSettings[K];
  };
  readonly proxy?: ProxyOptions;
  /** File that keeps the call log over restarts; without it a restart begins with empty windows. */
  readonly budgetLogPath?: string;
  /** A budget shared with others, in place of an own one; it has to keep its own log. */
  readonly budget?: CallBudget;
  readonly onCall?: (report: CallReport) => void;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

const count = (most: number) => z.number().int().min(1).max(most);
const ms = z.number().min(1).max(86_400_000);

const settings = z.strictObject({
  windows: z.array(z.object({ calls: z.number(), windowMs: z.number() })).default([...defaultWindows]),
  maxQueued: count(1_000_000).default(5_000),
  connections: count(1_000).default(64),
  timeouts: z
    .strictObject({
      connectMs: ms.default(5_000),
      headersMs: ms.default(20_000),
      reportHeadersMs: ms.default(120_000),
      idleBodyMs: ms.default(15_000),
      totalMs: ms.default(60_000),
      reportTotalMs: ms.default(600_000),
    })
    .prefault({}),
  maxBodyBytes: count(2 ** 31).default(64 * 2 ** 20),
  maxReportBytes: count(2 ** 40).default(2 * 2 ** 30),
  maxRowBytes: count(2 ** 30).default(2 ** 20),
  attempts: count(10).default(3),
  backoff: z.strictObject({ baseMs: ms.default(250), mostMs: ms.default(4_000) }).prefault({}),
  breaker: z.strictObject({ failures: count(1_000).default(10), openMs: ms.default(2_000) }).prefault({}),
  reportZone: z.string().refine(isZone, 'is no IANA time zone').default('UTC'),
});

/** @throws TypeError naming every setting that is wrong */
export function checkSettings(given: CertCentralOptions['settings']): CertCentralSettings {
  const parsed = settings.safeParse(given ?? {});
  if (!parsed.success) throw new TypeError(z.prettifyError(parsed.error));
  checkWindows(parsed.data.windows);
  return parsed.data;
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
