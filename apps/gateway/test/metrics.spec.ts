import { expect, it } from '@jest/globals';
import type { BudgetState } from '@certfolio/upstream';
import { Metrics } from '../src/metrics.ts';

const budget: BudgetState = {
  used: [
    { window: { calls: 95, windowMs: 5_200 }, calls: 7 },
    { window: { calls: 980, windowMs: 181_000 }, calls: 70 },
  ],
  inFlight: 2,
  queued: { interactive: 0, scheduled: 3, shadow: 0, backfill: 1 },
  pausedMs: 1_500,
  shared: 'divided',
  processes: 3,
};

it('names metrics as Prometheus wants them: "_total" for counters alone, units in full, help for all', async () => {
  const metrics = new Metrics();
  metrics.answered('graphql', 'ok', 12);
  metrics.calledUpstream('GET /account', 'ok', 3);
  metrics.gauge('certfolio_templates', 'Template versions in the registry.', () => 6);
  metrics.callBudgets(() => [{ account: 'default', state: budget }]);
  const text = await metrics.text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!] as const);
  expect(types.length).toBeGreaterThan(10);
  for (const [name, type] of types) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(name).toMatch(/^certfolio_[a-z0-9_]+$/);
    expect(name).not.toMatch(/_(ms|millis|milliseconds)$/);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
  }
});

it('writes a value that is no number as the text format has it', async () => {
  const metrics = new Metrics();
  metrics.gauge('certfolio_templates', 'Template versions in the registry.', () => Number.NaN);
  expect(await metrics.text()).toMatch(/^certfolio_templates NaN$/m);
});

it('tells the call budget of every account as it is when asked', async () => {
  const metrics = new Metrics();
  let states = [
    { account: 'us', state: budget },
    { account: 'eu', state: { ...budget, pausedMs: 0, shared: 'shared' as BudgetState['shared'] } },
  ];
  metrics.callBudgets(() => states);
  const text = await metrics.text();
  for (const line of [
    'certfolio_upstream_budget_used_calls{window_seconds="5.2",account="us"} 7',
    'certfolio_upstream_budget_used_calls{window_seconds="181",account="us"} 70',
    'certfolio_upstream_budget_limit_calls{window_seconds="181",account="eu"} 980',
    'certfolio_upstream_queued{lane="scheduled",account="us"} 3',
    'certfolio_upstream_in_flight{account="us"} 2',
    'certfolio_upstream_paused_seconds{account="us"} 1.5',
    'certfolio_upstream_paused_seconds{account="eu"} 0',
    'certfolio_upstream_budget_processes{account="us"} 3',
    'certfolio_upstream_budget_divided{account="us"} 1',
    'certfolio_upstream_budget_divided{account="eu"} 0',
  ])
    expect(text.split('\n').map(sortedLabels)).toContain(sortedLabels(line));
  states = states.slice(1);
  expect(await metrics.text()).not.toContain('"us"');
});

/** Labels have no order. */
function sortedLabels(line: string): string {
  return line.replace(/\{(.*)\}/, (_whole, labels: string) => `{${labels.split(',').sort().join(',')}}`);
}
