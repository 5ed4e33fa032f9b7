import type { BudgetState } from '@certfolio/upstream';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { RequestCounter, RequestDurations } from './request-metrics.ts';

/**
 * Counters of one gateway. Labels are bounded: doors, codes, routes, configured accounts, schedules; never keys, and certificates
 * only where the configuration lets them be shown.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: RequestCounter;
  readonly #durations: RequestDurations;
  readonly #upstreamCalls: RequestCounter;
  readonly #upstreamDurations: RequestDurations;
  readonly #wouldLimit: Counter<'policy'>;
  readonly #points: RequestCounter;

  readonly #comparisons: Counter<'route' | 'outcome'>;
  readonly #reportRuns: Counter<'schedule' | 'outcome'>;
  readonly #upstreamSuccess: Gauge<'account'>;

  constructor() {
    const { registry } = this;
    const registers = [registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'certfolio_' });
    // Gauges with the suffix of counters, which Prometheus' own check refuses; the same by type are there beside them.
    for (const kind of ['handles', 'requests', 'resources'])
      this.registry.removeSingleMetric(`certfolio_nodejs_active_${kind}_total`);
    this.#requests = new RequestCounter({
      name: 'certfolio_requests_total',
      help: 'Requests answered, by door and error code; "ok" without one.',
      labelNames: ['door', 'code'],
      registry,
    });
    this.#durations = new RequestDurations({
      name: 'certfolio_request_duration_seconds',
      help: 'Time from the request to the end of its answer.',
      label: 'door',
      bounds: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registry,
    });
    this.#upstreamCalls = new RequestCounter({
      name: 'certfolio_upstream_calls_total',
      help: 'Calls sent to CertCentral, by route and outcome.',
      labelNames: ['route', 'outcome'],
      registry,
    });
    this.#upstreamDurations = new RequestDurations({
      name: 'certfolio_upstream_call_duration_seconds',
      help: 'Time of a call to CertCentral, from being sent to its last byte.',
      label: 'route',
      bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registry,
    });
    this.#points = new RequestCounter({
      name: 'certfolio_cost_points_total',
      help: 'Points of cost that answers held, by door.',
      labelNames: ['door'],
      registry,
    });
    this.#comparisons = new Counter({
      name: 'certfolio_migration_comparisons_total',
      help: 'REST calls held against the other side, by route and outcome; "dropped" and "quota" were not.',
      labelNames: ['route', 'outcome'],
      registers,
    });
    this.#reportRuns = new Counter({
      name: 'certfolio_report_runs_total',
      help: 'Runs of schedules that this process ended, by outcome.',
      labelNames: ['schedule', 'outcome'],
      registers,
    });
    this.#upstreamSuccess = new Gauge({
      name: 'certfolio_upstream_last_success_timestamp_seconds',
      help: 'When this process last had a good answer of CertCentral with the key of the account.',
      labelNames: ['account'],
      registers,
    });
    this.#wouldLimit = new Counter({
      name: 'certfolio_would_limit_total',
      help: 'Requests that a limit in shadow mode would have refused.',
      labelNames: ['policy'],
      registers,
    });
  }

  answered(door: string, code: string, durationMs: number): void {
    this.#requests.add(1, door, code);
    this.#durations.observe(door, durationMs / 1_000);
  }

  calledUpstream(route: string, outcome: string, durationMs: number): void {
    this.#upstreamCalls.add(1, route, outcome);
    this.#upstreamDurations.observe(route, durationMs / 1_000);
  }

  /** All of it in the text format of Prometheus 0.0.4, in which a value that is no number is spelled so; prom-client has it "Nan". */
  async text(): Promise<string> {
    return (await this.registry.metrics()).replaceAll(/ Nan$/gm, ' NaN');
  }

  /** @param points of an answer */
  spent(door: string, points: number): void {
    this.#points.add(points, door);
  }

  wouldLimit(policy: string): void {
    this.#wouldLimit.inc({ policy });
  }

  /** Schedules are made by administrators and are few; each has its own series. */
  reportRan(schedule: string, outcome: string): void {
    this.#reportRuns.inc({ schedule, outcome });
  }

  /** The key of the account got a good answer. */
  heardFromUpstream(account: string, nowMs: number): void {
    this.#upstreamSuccess.set({ account }, nowMs / 1_000);
  }

  /** What became of a comparison; routes are of the catalog, which is bounded. */
  compared(route: string, outcome: string): void {
    this.#comparisons.inc({ route, outcome });
  }

  /** The call budget of every account, read when it is asked for. */
  callBudgets(read: () => Iterable<{ readonly account: string; readonly state: BudgetState }>): void {
    const gauge = <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[],
      values: (state: BudgetState) => Iterable<readonly [labels: Record<L, string>, value: number]>,
    ) =>
      new Gauge({
        name: `certfolio_upstream_${name}`,
        help,
        labelNames: ['account', ...labelNames],
        registers: [this.registry],
        collect() {
          this.reset();
          for (const { account, state } of read())
            for (const [labels, value] of values(state)) this.set({ account, ...labels }, value);
        },
      });
    const perWindow = (value: (used: BudgetState['used'][number]) => number) => (state: BudgetState) =>
      state.used.map((used) => [{ window_seconds: String(used.window.windowMs / 1_000) }, value(used)] as const);
    const windows = ['window_seconds'] as const;
    const one = (value: (state: BudgetState) => number) => (state: BudgetState) => [[{}, value(state)] as const];
    gauge(
      'budget_used_calls',
      'Calls that fill a window of CertCentral.',
      windows,
      perWindow(({ calls }) => calls),
    );
    gauge(
      'budget_limit_calls',
      'Calls that a window may hold.',
      windows,
      perWindow(({ window }) => window.calls),
    );
    gauge('queued', 'Callers that wait for a call, by lane.', ['lane'], ({ queued }) =>
      Object.entries(queued).map(([lane, count]) => [{ lane }, count] as const),
    );
    gauge(
      'in_flight',
      'Calls without an answer yet.',
      [],
      one(({ inFlight }) => inFlight),
    );
    gauge(
      'paused_seconds',
      'How long all calls still rest after a 429.',
      [],
      one(({ pausedMs }) => pausedMs / 1_000),
    );
    gauge(
      'budget_processes',
      'Processes that share the budget, as far as known.',
      [],
      one(({ processes }) => processes),
    );
    gauge(
      'budget_divided',
      '1 while each process keeps to its part, since Redis fails.',
      [],
      one(({ shared }) => Number(shared === 'divided')),
    );
  }

  /** Values by labels, read when they are asked for; `read` does not throw. */
  series<L extends string>({
    name,
    help,
    labelNames,
    read,
  }: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly L[];
    readonly read: () => Promise<Iterable<{ readonly labels: Record<L, string>; readonly value: number }>>;
  }): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      async collect() {
        const values = await read();
        this.reset();
        for (const { labels, value } of values) this.set(labels, value);
      },
    });
  }

  /** A count that only grows, read when it is asked for. */
  total(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /** A value that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
