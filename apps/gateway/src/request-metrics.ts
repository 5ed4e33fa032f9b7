import { Counter, type Histogram, type Registry } from 'prom-client';

/*
 * What every request is counted by. prom-client makes a text of the labels for each count, and looks it up; five of them took 5 % of
 * a small request. These look up the labels as they are, and tell prom-client when it is asked for its text.
 */

interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly registry: Registry;
}

/** A counter with one label, or with two. */
export class RequestCounter {
  readonly #totals = new Map<string, Map<string, number>>();

  constructor({
    name,
    help,
    registry,
    labelNames,
  }: MetricOptions & { readonly labelNames: readonly [string, string?] }) {
    const [first, second] = labelNames;
    const totals = this.#totals;
    new Counter({
      name,
      help,
      labelNames: labelNames.filter((label) => label !== undefined),
      registers: [registry],
      collect() {
        this.reset();
        for (const [firstValue, bySecond] of totals)
          for (const [secondValue, total] of bySecond)
            this.inc({ [first]: firstValue, ...(second === undefined ? {} : { [second]: secondValue }) }, total);
      },
    });
  }

  /** @param second value of the second label, where there is one */
  add(amount: number, first: string, second = ''): void {
    let bySecond = this.#totals.get(first);
    if (bySecond === undefined) this.#totals.set(first, (bySecond = new Map()));
    bySecond.set(second, (bySecond.get(second) ?? 0) + amount);
  }
}

/** Observations under one value of the label. */
interface Series {
  /** Of each bucket alone, the last for what is above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** A histogram of seconds with one label. */
export class RequestDurations {
  readonly name: string;
  readonly #help: string;
  readonly #label: string;
  /** Ascending, in seconds. */
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(options: MetricOptions & { readonly label: string; readonly bounds: readonly number[] }) {
    this.name = options.name;
    this.#help = options.help;
    this.#label = options.label;
    this.#bounds = options.bounds;
    options.registry.registerMetric(this as unknown as Histogram); // it asks for name and values only, but its type names classes
  }

  observe(label: string, seconds: number): void {
    let series = this.#series.get(label);
    if (series === undefined)
      this.#series.set(label, (series = { counts: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0 }));
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > this.#bounds[bucket]!) bucket += 1;
    series.counts[bucket]! += 1;
    series.sum += seconds;
  }

  /** As prom-client's registry reads it: cumulative buckets, then the sum and the count of each series. */
  async get() {
    const values = [...this.#series].flatMap(([label, { counts, sum }]) => {
      const labels = { [this.#label]: label };
      let below = 0;
      const buckets = [...this.#bounds, '+Inf'].map((le, bucket) => {
        below += counts[bucket]!;
        return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: below };
      });
      return [
        ...buckets,
        { metricName: `${this.name}_sum`, labels, value: sum },
        { metricName: `${this.name}_count`, labels, value: below },
      ];
    });
    return { name: this.name, help: this.#help, type: 'histogram', aggregator: 'sum', values };
  }
}
