import type { Clock, Logger, Principal } from '@certfolio/core';
import type { AnsweredCall, Comparer } from '../rest-exchange.ts';
import type { RouteState, RouteStateName } from '../rollout/route-state.ts';
import { maxBodyBytes } from './compare-answers.ts';
import { compareCall, type CallOutcome, type Sides } from './compare-call.ts';
import { createComparisonQueue, defaultQueueLimits, type QueueLimits } from './comparison-queue.ts';
import type { ComparisonStore, SamplePair } from './comparison-store.ts';
import type { CountRecorder } from './count-recorder.ts';
import type { IgnoreRule } from './ignore-rule.ts';
import type { Verdict } from './judge.ts';
import { QuietMoments, defaultQuietLimits, type QuietLimits } from './quiet-moments.ts';
import type { Redaction } from './redact.ts';

/** What became of a call that was to be compared, for metrics. */
export const comparisonOutcomes = [
  ...(['equal', 'different', 'passed'] as const),
  /** The queue was full. */
  'dropped',
  /** The answer is longer than what is compared. */
  'too-long',
  /** The account's calls were needed by others. */
  'quota',
  /** The graph cannot answer such a call. */
  'cannot',
  /** A side failed. */
  'failed',
] as const;
export type ComparisonOutcome = (typeof comparisonOutcomes)[number];

export interface ComparerOptions {
  /** The state in force, as known last; the route's own for the key ''. */
  readonly stateOf: (route: string, keyId: string) => RouteState;
  readonly isServed: (route: string) => boolean;
  /** The two sides of a call, asked in the background. */
  readonly sidesOf: (call: AnsweredCall) => Sides;
  /** More than half of the account's calls are free. */
  readonly hasSpareQuota: (account: string) => Promise<boolean>;
  readonly store: Pick<ComparisonStore, 'rules'>;
  readonly counts: Pick<CountRecorder, 'answered' | 'compared'>;
  readonly redaction: Redaction;
  readonly onOutcome: (route: string, outcome: ComparisonOutcome) => void;
  readonly newId: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<ComparerLimits>;
}

export interface ComparerLimits {
  /** Comparisons of a route that begin within a minute, in one process: evenly, but for as many as ten seconds bring. */
  readonly perMinute: number;
  readonly queue: QueueLimits;
  readonly quiet: QuietLimits;
}

export const defaultComparerLimits: ComparerLimits = {
  perMinute: 60,
  queue: defaultQueueLimits,
  quiet: defaultQuietLimits,
};

/** Rules of other processes hold here after so long. */
const rulesHoldMs = 5_000;
const minuteMs = 60_000;
const burstMs = 10_000;

const comparedStates: ReadonlySet<RouteStateName> = new Set(['shadowed', 'ramping', 'served', 'sunset']);

export interface BackgroundComparer extends Comparer {
  /** Waiting or under way. */
  size(): number;
  /** Resolves when everything that was taken is compared. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Compares in the background, by spare quota alone. What it cannot do in time it leaves; nobody ever waits for it. */
export function createComparer(options: ComparerOptions): BackgroundComparer {
  const { stateOf, isServed, counts, onOutcome, random, clock, logger } = options;
  const limits = { ...defaultComparerLimits, ...options.limits };
  /** By route, when those that began would have begun, had they come evenly. */
  const begun = new Map<string, number>();
  const quiet = new QuietMoments(clock, limits.quiet);
  const rules = rememberedRules(options.store, clock);
  const queue = createComparisonQueue<AnsweredCall>(limits.queue, async (call) => {
    try {
      await compare(call);
    } catch (error) {
      onOutcome(call.route, 'failed');
      logger.warn({ route: call.route, requestId: call.requestId, reason: String(error) }, 'A comparison failed.');
    }
  });

  function isWithinRate(route: string): boolean {
    if (limits.perMinute === 0) return false;
    const everyMs = minuteMs / limits.perMinute;
    const nowMs = clock.monotonicMs();
    const dueMs = Math.max(begun.get(route) ?? 0, nowMs - Math.max(burstMs, everyMs)) + everyMs;
    if (dueMs > nowMs) return false;
    begun.set(route, dueMs);
    return true;
  }

  async function compare(call: AnsweredCall): Promise<void> {
    const { route, principal } = call;
    if (!(await options.hasSpareQuota(principal.account))) return onOutcome(route, 'quota');
    const first = {
      by: call.by === 'graph' ? ('graph' as const) : ('legacy' as const),
      answer: { status: call.status, headers: call.headers, body: call.body!, atMs: clock.nowMs() },
    };
    const sides = whileSpare(options.sidesOf(call), async () => {
      await quiet.wait();
      return options.hasSpareQuota(principal.account);
    });
    const facts = { route, rules: await rules.now(), nowMs: () => clock.nowMs() };
    const outcome = await compareCall(first, sides, facts);
    if (outcome.kind === 'verdict') note(call, outcome.verdict);
    onOutcome(route, nameOf(outcome));
  }

  function note(call: AnsweredCall, verdict: Verdict): void {
    const { route, principal } = call;
    const counted = { route, version: stateOf(route, '').version, keyId: principal.keyId };
    counts.compared(counted, verdict, samplesOf(call, verdict, options));
  }

  return {
    began: () => quiet.began(),
    wants: ({ route, principal, isTest }) =>
      !isTest &&
      isServed(route) &&
      mayCompare(principal) &&
      isSampled(stateOf(route, principal.keyId), random) &&
      isWithinRate(route),
    answered(call) {
      if (call.isTest || !isServed(call.route)) return;
      const { version } = stateOf(call.route, '');
      const isOfGraph = call.by === 'graph' || call.graphFailure !== undefined;
      counts.answered({
        ...{ route: call.route, version, durationMs: call.durationMs, by: isOfGraph ? 'graph' : 'legacy' },
        isFailed: isOfGraph && (call.graphFailure !== undefined || call.status >= 500),
      });
      if (call.isTooLong) return onOutcome(call.route, 'too-long');
      if (call.body === null || !isComparable(call)) return;
      if (!queue.offer(call, call.body.length)) onOutcome(call.route, 'dropped');
    },
    size: queue.size,
    idle: queue.idle,
    stop: queue.stop,
  };
}

/** With the rights of a key that sees everything, and with the account's own key: nothing else gives the same rows. */
const mayCompare = ({ upstreamKey, scope, fields }: Principal): boolean =>
  upstreamKey === undefined && scope.containers === 'all' && fields === 'all';

const isSampled = ({ state, sampleRate }: RouteState, random: () => number): boolean =>
  comparedStates.has(state) && sampleRate > 0 && random() < sampleRate;

/** Failures, and what a caller's own copy made shorter: they say nothing of the other side. */
const speakless: ReadonlySet<number> = new Set([206, 304, 429]);

/** Only what a GET was answered: a comparison repeats the call. */
const isComparable = ({ request, status, body }: AnsweredCall): boolean =>
  request.method === 'GET' &&
  request.body === null &&
  status < 500 &&
  !speakless.has(status) &&
  body !== null &&
  body.length <= maxBodyBytes;

function whileSpare(sides: Sides, hasSpareQuota: () => Promise<boolean>): Sides {
  const none = { kind: 'none', why: 'quota' } as const;
  return {
    legacy: async () => ((await hasSpareQuota()) ? sides.legacy() : none),
    graph: async (isLive) => ((await hasSpareQuota()) ? sides.graph(isLive) : none),
  };
}

function nameOf(outcome: CallOutcome): ComparisonOutcome {
  if (outcome.kind === 'undecided') return outcome.why;
  if (outcome.verdict.different.length > 0) return 'different';
  return outcome.verdict.passed.length > 0 ? 'passed' : 'equal';
}

function samplesOf(
  { route, principal, requestId, request }: AnsweredCall,
  { different }: Verdict,
  { redaction, newId, clock }: Pick<ComparerOptions, 'redaction' | 'newId' | 'clock'>,
): SamplePair[] {
  const call = redaction.call(request.method, request.path, request.search);
  return different.map(({ field, place, legacy, graph, expiredRule }) => ({
    ...{ id: newId(), route, keyId: principal.keyId, owner: principal.owner, at: new Date(clock.nowMs()), requestId },
    ...{ call, field, place: place.slice(0, 300), expiredRule },
    legacy: redaction.value(field, legacy),
    graph: redaction.value(field, graph),
  }));
}

function rememberedRules(store: Pick<ComparisonStore, 'rules'>, clock: Clock) {
  let known: readonly IgnoreRule[] = [];
  let untilMs = -Infinity;
  return {
    async now(): Promise<readonly IgnoreRule[]> {
      if (clock.monotonicMs() >= untilMs) {
        known = await store.rules();
        untilMs = clock.monotonicMs() + rulesHoldMs;
      }
      return known;
    },
  };
}
