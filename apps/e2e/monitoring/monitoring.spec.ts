import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createStage, dataOf, statsOf, type ProductProcess } from '../harness/index.ts';
import { parse } from 'yaml';

/** Scrapes of the ten minutes that a Prometheus at 15 s makes, one after the other. */
const scrapes = 40;
const examples = join(import.meta.dirname, '../../../examples/monitoring');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let restart: () => Promise<ProductProcess>;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-monitoring-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `mirror: { roundSeconds: 3600, backfill: false }
metrics: { certificates: { containers: all, max: 25 } }
destinations: { share: { kind: folder, path: ${join(dir, 'out')} } }
`,
  );
  emulator = await stage.emulator({ orders: 200 });
  const env = {
    CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'),
    CERTFOLIO_DATABASE_URL: database.url,
    CERTFOLIO_MIRROR: 'on',
  };
  restart = () => stage.productOn(emulator, { env });
  product = await restart();
  await filled(product);
  const yaml = '- { name: daily, template: wildcards, cron: 0 4 29 2 *, to: [share] }\n';
  dataOf(await product.admin.graphql('mutation ($yaml: String!) { applySchedules(yaml: $yaml) { name } }', { yaml }));
  dataOf(await product.admin.graphql('mutation { runSchedule(name: "daily") { id } }'));
  await until(async () => (await scrape()).includes('certfolio_schedule_last_run_state{'), 'a run');
}, 300_000);

const scrape = async () => (await product.admin.fetch('/metrics')).text;

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const endMs = Date.now() + 120_000;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`It did not come to ${what}.`);
    await sleep(200);
  }
}

/** The mirror has everything, and reads nothing more for an hour. */
const filled = ({ admin }: ProductProcess) =>
  until(async () => {
    const { mirrors } = JSON.parse((await admin.fetch('/readyz')).text) as {
      mirrors: Record<string, { isFilled: boolean }>;
    };
    return mirrors['default']?.isFilled === true;
  }, 'a filled mirror');

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}
const samplesOf = (text: string): readonly Sample[] =>
  [...text.matchAll(/^([a-z_:0-9]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels, value]) => ({
    name: name!,
    labels: new Map([...(labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!])),
    value: Number(value),
  }));
const named = (text: string, name: string) => samplesOf(text).filter((sample) => sample.name === name);
const one = (text: string, name: string) => named(text, name)[0]!.value;

describe('/metrics', () => {
  it('tells when certificates end, those that end first, and how many it leaves out', async () => {
    const text = await scrape();
    const { orders } = (await askUpstream(emulator, '/order/certificate?limit=1000')) as {
      orders: {
        id: number;
        status: string;
        is_renewed: boolean;
        certificate: { common_name: string; valid_till?: string };
        container: { id: number };
      }[];
    };
    const from = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);
    const watched = orders
      .filter(({ status, is_renewed: isRenewed }) => /^(issued|reissue_pending|expired)$/.test(status) && !isRenewed)
      .map(({ id, container, certificate }) => ({ id, container: container.id, day: certificate.valid_till ?? '' }))
      .filter(({ day }) => day >= from)
      .toSorted((a, b) => a.day.localeCompare(b.day) || a.id - b.id);
    const told = named(text, 'certfolio_certificate_not_after_timestamp_seconds');
    expect(told.map(({ labels, value }) => [labels.get('order'), labels.get('container'), value])).toEqual(
      watched
        .slice(0, 25)
        .map(({ id, container, day }) => [String(id), String(container), Date.parse(`${day}T23:59:59Z`) / 1_000]),
    );
    expect(one(text, 'certfolio_certificates_left_out')).toBe(watched.length - 25);
    const today = new Date().toISOString().slice(0, 10);
    const month = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const within = named(text, 'certfolio_certificates_expiring').find(
      ({ labels }) => labels.get('within_days') === '30',
    )!;
    expect(within.value).toBe(watched.filter(({ day }) => day >= today && day <= month).length);
  });

  it('tells of sources and schedules', async () => {
    const text = await scrape();
    const nowS = Date.now() / 1_000;
    for (const name of [
      'certfolio_mirror_data_timestamp_seconds',
      'certfolio_upstream_last_success_timestamp_seconds',
      'certfolio_schedule_last_success_timestamp_seconds',
    ]) {
      expect(one(text, name)).toBeLessThanOrEqual(nowS);
      expect(one(text, name)).toBeGreaterThan(nowS - 600);
    }
    expect(named(text, 'certfolio_schedule_last_run_state').map(({ labels }) => Object.fromEntries(labels))).toEqual([
      { schedule: 'daily', state: 'delivered' },
    ]);
    expect(one(text, 'certfolio_database_up')).toBe(1);
  });

  it('costs no call, however often it is asked for', async () => {
    await emulator.control('stats', { method: 'DELETE' });
    for (let count = 0; count < scrapes; count += 1)
      expect(await scrape()).toContain('certfolio_certificate_not_after');
    expect((await statsOf(emulator)).total).toBe(0);
  }, 120_000);

  it('is in the text format of Prometheus: help and type for each, no sample twice, counters alone end in "_total"', async () => {
    const text = await scrape();
    const sample = /^[a-z_:][a-z0-9_:]*(\{(\w+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (-?[0-9.]+(e[+-]?\d+)?|[+-]Inf|NaN)$/;
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !line.startsWith('#') && !sample.test(line))).toEqual([]);
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
    for (const [name, type] of types) {
      expect([name, new RegExp(`^# HELP ${name} \\S`, 'm').test(text)]).toEqual([name, true]);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    }
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(series).size).toBe(series.length);
  });

  (hasPromtool ? it : it.skip)('is accepted by "promtool check metrics"', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await scrape() });
    expect([status, stdout.toString(), stderr.toString()]).toEqual([0, '', '']);
  });
});

describe('the example for Prometheus and Grafana', () => {
  /** Names of metrics in an expression. */
  const metricsIn = (expr: string) => expr.match(/\bcertfolio_[a-z0-9_]+/g) ?? [];
  /** Those that a scrape declares, with the series of histograms. */
  const declared = (text: string) =>
    new Set(
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
        type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name!],
      ),
    );

  it('alerts on nothing but what there is', async () => {
    const { groups } = parse(await readFile(join(examples, 'alerts.yaml'), 'utf8')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    const known = declared(await scrape());
    for (const { alert, expr } of rules) {
      expect([alert, metricsIn(expr).length]).not.toEqual([alert, 0]);
      expect([alert, metricsIn(expr).filter((name) => !known.has(name))]).toEqual([alert, []]);
    }
  });

  it('shows nothing but what there is, in panels that do not overlap', async () => {
    const dashboard = JSON.parse(await readFile(join(examples, 'dashboard.json'), 'utf8')) as {
      title: string;
      schemaVersion: number;
      templating: { list: { name: string }[] };
      panels: {
        id: number;
        title: string;
        type: string;
        gridPos: { x: number; y: number; w: number; h: number };
        targets: { expr: string; refId: string }[];
      }[];
    };
    const { panels } = dashboard;
    expect([dashboard.title, dashboard.schemaVersion >= 36, panels.length > 8]).toEqual(['Certfolio', true, true]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const known = declared(await scrape());
    const variables = new Set(dashboard.templating.list.map(({ name }) => name));
    for (const { title, targets } of panels) {
      expect([title, targets.length]).not.toEqual([title, 0]);
      for (const { expr } of targets) {
        expect([title, metricsIn(expr).length]).not.toEqual([title, 0]);
        expect([title, metricsIn(expr).filter((name) => !known.has(name))]).toEqual([title, []]);
        for (const [, name] of expr.matchAll(/\$\{?(\w+)/g)) expect(variables.has(name!)).toBe(true);
      }
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_none, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  (hasPromtool ? it : it.skip).each([
    ['rules', ['check', 'rules', 'alerts.yaml']],
    ['tests of the rules', ['test', 'rules', 'alerts.test.yaml']],
    ['configuration', ['check', 'config', 'prometheus.yml']],
  ])('has %s that promtool accepts', (_what, args) => {
    expect(execFileSync('promtool', args, { cwd: examples }).toString()).toContain('SUCCESS');
  });
});

it('with CertCentral down, also after a start, the series stay and the age grows', async () => {
  await emulator.control('faults', { method: 'POST', body: { kind: 'status', status: 500 } });
  const before = await scrape();
  await product.stop();
  product = await restart();
  await until(
    async () => (await scrape()).includes('certfolio_certificate_not_after_timestamp_seconds{'),
    'the series',
  );
  const after = await scrape();
  const name = 'certfolio_certificate_not_after_timestamp_seconds';
  expect(named(after, name)).toEqual(named(before, name));
  const asOf = 'certfolio_mirror_data_timestamp_seconds';
  expect(one(after, asOf)).toBe(one(before, asOf));
  expect(one(after, 'certfolio_schedule_last_success_timestamp_seconds')).toBe(
    one(before, 'certfolio_schedule_last_success_timestamp_seconds'),
  );
  // Nothing good came since the start.
  expect(named(after, 'certfolio_upstream_last_success_timestamp_seconds')).toEqual([]);
}, 300_000);
