import { UsageError } from '../../cli-error.ts';
import { readRate } from './route-options.ts';

/** The options of `migrate ramp` as they were typed. */
export interface RampFlags {
  readonly plan?: string;
  readonly auto?: true;
  readonly minSamples?: string;
  readonly maxMismatch?: string;
  readonly maxErrors?: string;
  readonly maxLatency?: string;
  readonly minMinutes?: string;
  readonly reason?: string;
}

/**
 * Variables of `rampRoute`. Gates hold for every step of the plan; without a plan for the one step that is named.
 *
 * @throws UsageError
 */
export function rampVariables(route: string, percent: string | undefined, flags: RampFlags): Record<string, unknown> {
  const gates = gatesOf(flags);
  const share = percent === undefined ? undefined : readPercent('The percentage', percent);
  if (flags.plan === undefined && flags.auto)
    throw new UsageError('--auto takes the steps of a plan; give --plan, too.');
  if (flags.plan === undefined && share === undefined && Object.keys(gates).length > 0)
    throw new UsageError('Gates are of a percentage or a --plan; give one.');
  const percents = flags.plan?.split(',').map((each) => readPercent('--plan', each.trim()));
  const hasPlan = percents !== undefined || Object.keys(gates).length > 0;
  const steps = (percents ?? [share!]).map((each) => ({ percent: each, ...gates }));
  return {
    route,
    ...(share === undefined ? {} : { percent: share }),
    ...(hasPlan ? { plan: { steps, auto: flags.auto ?? false } } : {}),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
  };
}

function gatesOf(flags: RampFlags): Record<string, number | null> {
  const gates: Record<string, number | null> = {};
  if (flags.minSamples !== undefined) gates['minSamples'] = readCount('--min-samples', flags.minSamples);
  if (flags.maxMismatch !== undefined) gates['maxMismatchRate'] = readRate('--max-mismatch', flags.maxMismatch);
  if (flags.maxErrors !== undefined) gates['maxErrorRate'] = readRate('--max-errors', flags.maxErrors);
  if (flags.maxLatency !== undefined) gates['maxLatencyRatio'] = readTimes(flags.maxLatency);
  if (flags.minMinutes !== undefined) gates['minMinutes'] = readCount('--min-minutes', flags.minMinutes);
  return gates;
}

function readPercent(what: string, text: string): number {
  const percent = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (percent > 0 && percent <= 100) return percent;
  throw new UsageError(
    `${what} takes more than 0 and at most 100; "${text}" is not. "migrate rollback" goes back to 0.`,
  );
}

function readCount(option: string, text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes a whole number; "${text}" is none.`);
}

function readTimes(text: string): number | null {
  if (text === 'off') return null;
  const times = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (times >= 0.1 && times <= 1_000) return times;
  throw new UsageError(`--max-latency takes 0.1 to 1000, or off; "${text}" is neither.`);
}
