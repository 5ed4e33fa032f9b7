import { expect, it } from '@jest/globals';
import { readKeyFile } from './key-file.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const read = (...lines: readonly string[]) => readKeyFile('keys.yaml', lines.join('\n'), nowMs);

it('reads keys as the command line spells them, with the defaults of all keys', () => {
  const { managedBy, keys, problems } = read(
    'managedBy: team-x',
    'keys:',
    '  - name: grafana',
    '    owner: sre',
    '    level: id-only',
    '    templates: [a, "tag:daily"]',
    '    limits: { rate: 60, mode: shadow }',
    '    containers: [3, 1]',
    '    fields: []',
    '    expires: 2027-01-31',
    '  - { name: sheet, owner: fin, urlFor: expiring-soon, variables: { days: 30, zones: [a, b] }, tier: bronze }',
    '  - { name: plain, owner: fin, containers: all, expires: never }',
  );
  expect(problems).toEqual([]);
  expect(managedBy).toBe('team-x');
  expect(keys[0]).toMatchObject({
    name: 'grafana',
    level: 'id-only',
    templates: { names: ['a'], tags: ['daily'] },
    limits: { requestsPerMinute: 60, burst: 60, mode: 'shadow' },
    containers: [3, 1],
    fields: [],
    managedBy: 'team-x',
    expiresAt: new Date('2027-01-31T00:00:00Z'),
    inUrl: false,
  });
  expect(keys[1]).toMatchObject({
    level: 'id-only',
    templates: { names: ['expiring-soon'] },
    inUrl: true,
    tier: 'bronze',
  });
  expect([...keys[1]!.variables]).toEqual([
    ['days', ['30']],
    ['zones', ['a', 'b']],
  ]);
  expect(keys[2]).toMatchObject({ level: 'listed', templates: 'all', containers: null, expiresAt: null });
});

it('names everything that is wrong with its line, all at once', () => {
  const { problems } = read(
    'managdBy: x',
    'keys:',
    '  - name: a',
    '    levl: open',
    '    owner: b',
    '    limits: { rate: 0 }',
    '  - owner: b',
    '    name: a',
    '    expires: 90d',
    '    urlFor: x',
    '    level: open',
    '  - 5',
    '  - { name: c, owner: b, templates: daily, variables: [1] }',
    '  - { name: d, owner: b, tier: gold, limits: { rate: 5 } }',
    '  - { name: e, owner: b, expires: 2020-01-01 }',
    '  - { name: f, owner: b, inUrl: true, __proto__: 1 }',
  );
  const places = problems.map((problem) => problem.split(': ')[0]);
  expect(places).toEqual([
    'keys.yaml:1 managdBy',
    'keys.yaml:4 keys.0.levl',
    'keys.yaml:6 keys.0.limits.rate',
    'keys.yaml:9 keys.1.expires',
    'keys.yaml:11 keys.1.level',
    'keys.yaml:12 keys.2',
    'keys.yaml:13 keys.3.templates',
    'keys.yaml:13 keys.3.variables',
    'keys.yaml:14 keys.4',
    'keys.yaml:15 keys.5',
    'keys.yaml:16 keys.6.inUrl',
    'keys.yaml:16 keys.6.__proto__',
    'keys.yaml:8 keys.1.name',
  ]);
  expect(problems[1]).toContain('the nearest is "level"');
  expect(problems[8]).toContain('tier: gives the limits; say one of the two');
});

it.each([
  ['keys: [', 'keys.yaml:1: is no YAML'],
  ['', 'keys.yaml:1: must be a map'],
  ['keys: 5', 'keys.yaml:1 keys: must be a list of keys'],
  ['managedBy: {}\nkeys: []', 'keys.yaml:1 managedBy: must be a text'],
])('%j is no file of keys', (text, problem) => {
  expect(read(text).problems[0]).toContain(problem);
});
