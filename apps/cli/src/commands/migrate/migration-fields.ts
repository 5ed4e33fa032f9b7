import { minute } from '../keys/key-fields.ts';

export interface ParityAnswer {
  readonly compared: number;
  readonly different: number;
  readonly passed: number;
  readonly equalRate: number | null;
  readonly atLeast: number;
}

interface ProgressAnswer {
  readonly state: string;
  readonly percent: number;
  readonly deadline: string | null;
  readonly calls: number;
  readonly lastCallAt: string | null;
  readonly testCalls: number;
  readonly callsFromGraph: number;
  readonly upstreamCallsSaved: number;
  readonly template: string | null;
  readonly replacementField: string | null;
  readonly parity: ParityAnswer;
  readonly projectedEnd: string | null;
}

export interface KeyAnswer extends ProgressAnswer {
  readonly keyId: string;
  readonly keyName: string | null;
  readonly owner: string | null;
  readonly isOverride: boolean;
}

export interface SampleAnswer {
  readonly at: string;
  readonly keyId: string;
  readonly owner: string;
  readonly call: string;
  readonly field: string;
  readonly place: string;
  readonly legacy: string | null;
  readonly graph: string | null;
  readonly isShown: boolean;
  readonly expiredRule: string | null;
}

export interface RouteAnswer extends ProgressAnswer {
  readonly route: string;
  readonly name: string | null;
  readonly isServed: boolean;
  readonly previous: string | null;
  readonly reason: string;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
  readonly sampleRate: number;
  readonly ramp: { readonly auto: boolean; readonly waitingFor: readonly string[] } | null;
  readonly fields: readonly { readonly field: string; readonly parity: ParityAnswer }[];
  readonly fallbacks: readonly { readonly reason: string; readonly calls: number }[];
  readonly keys: readonly KeyAnswer[];
  readonly samples?: readonly SampleAnswer[];
}

export interface RuleAnswer {
  readonly id: string;
  readonly route: string | null;
  readonly field: string;
  readonly reason: string;
  readonly expiresAt: string;
  readonly isExpired: boolean;
  readonly createdBy: string;
}

const parity = 'parity { compared different passed equalRate atLeast }';
const progress = `state percent deadline calls lastCallAt testCalls callsFromGraph upstreamCallsSaved template replacementField
  projectedEnd ${parity}`;

export const ruleFields = 'id route field reason expiresAt isExpired createdBy';

/** @param samples how many; 0 asks for none */
export const routeFields = (
  samples: number,
): string => `route name isServed previous reason changedAt changedBy sampleRate
  brownouts { from to }
  ramp { auto waitingFor steps { percent minSamples maxMismatchRate maxErrorRate maxLatencyRatio minMinutes } }
  fields { field ${parity} } fallbacks { reason calls } ${progress}
  keys { keyId keyName owner isOverride ${progress} }
  ${samples === 0 ? '' : `samples(first: ${samples}) { at keyId owner requestId call field place legacy graph isShown expiredRule }`}`;

/** `ramping 25 %` */
export const stateText = ({ state, percent }: Pick<ProgressAnswer, 'state' | 'percent'>): string =>
  state === 'RAMPING' ? `ramping ${percent} %` : state.toLowerCase();

/** `99.8 % of 1,200, at least 99.4 %` */
export function parityText({ compared, equalRate, atLeast }: ParityAnswer): string {
  if (equalRate === null) return 'not compared';
  return `${percentOf(equalRate)} of ${grouped.format(compared)}, at least ${percentOf(atLeast)}`;
}

const grouped = new Intl.NumberFormat('en-US');
export const number = (value: number): string => grouped.format(value);

/** Rounded down: 99.96 % is not 100 %. */
const percentOf = (rate: number): string => `${Math.floor(rate * 1_000) / 10} %`;

export const day = (instant: string | null): string => instant?.slice(0, 10) ?? '';

export const routeText = ({ route, name }: Pick<RouteAnswer, 'route' | 'name'>): string => name ?? route;

export const lastCall = (instant: string | null): string => minute(instant) ?? 'never';
