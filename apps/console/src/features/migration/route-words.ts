import type { ParityAnswer, ProgressAnswer, RampAnswer, RouteAnswer } from './migration-answer.ts';

const grouped = new Intl.NumberFormat('en-US');
export const countText = (count: number): string => grouped.format(count);

/** `99.8 % of 1,200, at least 99.4 %` */
export function parityText({ compared, equalRate, atLeast }: ParityAnswer): string {
  if (equalRate === null) return 'not compared';
  return `${percentText(equalRate)} of ${grouped.format(compared)}, at least ${percentText(atLeast)}`;
}

/** Rounded down: 99.96 % is not 100 %. */
const percentText = (rate: number): string => `${Math.floor(rate * 1_000) / 10} %`;

export const nameOf = ({ route, name }: Pick<RouteAnswer, 'route' | 'name'>): string => name ?? route;

const aheadStates = new Set(['RAMPING', 'SERVED', 'SUNSET', 'GONE']);

/** There is something to take back. */
export const isAhead = ({ state }: Pick<ProgressAnswer, 'state'>): boolean => aheadStates.has(state);

/** The percentage that the plan in force goes on to; null without a further step. */
export function nextStepOf({ state, percent, ramp }: Pick<RouteAnswer, 'state' | 'percent' | 'ramp'>): number | null {
  const from = state === 'RAMPING' ? percent : 0;
  return ramp?.steps.find((step) => step.percent > from)?.percent ?? null;
}

/** `1 %, 5 %, 25 %, by itself` */
export const planText = ({ steps, auto }: RampAnswer): string =>
  `${steps.map(({ percent }) => `${percent} %`).join(', ')}${auto ? ', by itself' : ''}`;

/** States that a route is put into by name; a ramp has a percentage and is begun otherwise. */
export const chosenStates = ['PROXIED', 'SHADOWED', 'SERVED', 'SUNSET', 'GONE'] as const;

const noticed = new Map<string, string>([
  ['PROXIED', 'Callers notice nothing but who answers: CertCentral, every call. Nothing is compared.'],
  [
    'SHADOWED',
    'Callers notice nothing: CertCentral answers, and the graph’s answer is compared in the background, with spare calls alone.',
  ],
  [
    'SERVED',
    'The graph answers all keys in the shape of before, and says by Age how old the data is. When the graph fails, callers get an error and not CertCentral’s answer. Calls of a form that it does not know are still CertCentral’s.',
  ],
  [
    'SUNSET',
    'As served. Besides, every answer tells callers by Deprecation, Sunset and Link when the route ends and what replaces it.',
  ],
  [
    'GONE',
    'From the next call on every caller gets 410, with the address to call instead. Scripts that still call the route stop working.',
  ],
]);

/** What callers notice of a state, in a sentence or more. */
export const noticedOf = (state: string): string => noticed.get(state) ?? '';

export const noticedOfRamp =
  'The graph answers this share of the keys, always the same ones, in the shape of before. CertCentral answers the others, and when the graph fails or takes too long. The ramp goes back by itself when answers differ.';

export const noticedOfRollBack =
  'CertCentral answers again from the next call on, for all keys that are ahead. Callers notice nothing else; the graph’s answers are compared in the background.';
