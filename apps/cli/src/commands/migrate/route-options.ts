import { UsageError } from '../../cli-error.ts';
import { readExpiry } from '../keys/create-options.ts';

/** The options of `migrate route` as they were typed. */
export interface RouteFlags {
  readonly key?: string;
  readonly deadline?: string;
  readonly sample?: string;
  readonly brownout?: readonly string[];
  readonly reason?: string;
}

const states = ['proxied', 'shadowed', 'served', 'sunset', 'gone'];

/**
 * Variables of `setRoute`; what was not said is left out, so that it stays as it is.
 *
 * @throws UsageError
 */
export function setRouteVariables(
  route: string,
  state: string,
  flags: RouteFlags,
  nowMs: number,
): Record<string, unknown> {
  if (state === 'ramping') throw new UsageError(`A ramp has a percentage: "certfolio migrate ramp ${route} 5".`);
  if (!states.includes(state)) throw new UsageError(`"${state}" is no state; there are ${states.join(', ')}.`);
  return {
    route,
    state: state.toUpperCase(),
    ...(flags.key === undefined ? {} : { keyId: flags.key }),
    ...(flags.deadline === undefined
      ? {}
      : { deadline: readExpiry(flags.deadline, nowMs, '--deadline').toISOString() }),
    ...(flags.sample === undefined ? {} : { sampleRate: readRate('--sample', flags.sample) }),
    ...(flags.brownout === undefined ? {} : { brownouts: flags.brownout.map(readBrownout) }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
  };
}

/** `0.05` or `5%`. @throws UsageError */
export function readRate(option: string, text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? [];
  const rate = Number(digits) / (percent === undefined ? 1 : 100);
  if (rate >= 0 && rate <= 1) return rate;
  throw new UsageError(`${option} takes 0 to 1, or 0% to 100%; "${text}" is neither.`);
}

function readBrownout(text: string): { readonly from: string; readonly to: string } {
  const [from = '', to = '', ...more] = text.split('/');
  const isInstant = (each: string) => /^\d{4}-\d{2}-\d{2}T/.test(each) && !Number.isNaN(Date.parse(each));
  if (!isInstant(from) || !isInstant(to) || more.length > 0)
    throw new UsageError(
      `--brownout takes two instants, 2027-03-01T09:00:00Z/2027-03-01T10:00:00Z; "${text}" are none.`,
    );
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
