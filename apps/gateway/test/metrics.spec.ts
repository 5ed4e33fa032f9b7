import { expect, it } from '@jest/globals';
import { Metrics } from '../src/metrics.ts';

it('names metrics as Prometheus wants them: "_total" for counters alone, units in full, help for all', async () => {
  const metrics = new Metrics();
  metrics.answered('graphql', 'ok', 12);
  metrics.calledUpstream('GET /account', 'ok', 3);
  metrics.gauge('certfolio_templates', 'Template versions in the registry.', () => 6);
  const text = await metrics.registry.metrics();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!] as const);
  expect(types.length).toBeGreaterThan(10);
  for (const [name, type] of types) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(name).toMatch(/^certfolio_[a-z0-9_]+$/);
    expect(name).not.toMatch(/_(ms|millis|milliseconds)$/);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
  }
});
