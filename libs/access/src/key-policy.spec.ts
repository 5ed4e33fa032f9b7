import { expect, it } from '@jest/globals';
import { parseKeyPolicy, restRightOf, type KeyPolicyInput } from './key-policy.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

it('fills in the defaults', () => {
  expect(parseKeyPolicy({ name: 'ci', owner: 'web team' }, nowMs)).toEqual({
    name: 'ci',
    owner: 'web team',
    level: 'listed',
    templates: 'all',
    limits: {
      requestsPerMinute: 600,
      burst: 600,
      costPerMinute: 5_000_000,
      rows: 100_000,
      concurrent: 20,
      mode: 'enforce',
    },
    scopes: ['templates:run'],
    containers: null,
    fields: null,
    account: 'default',
    expiresAt: null,
    tier: null,
    managedBy: null,
    variables: new Map(),
    inUrl: false,
    rest: null,
  });
});

it('gives a bucket as large as the rate when no burst is said', () => {
  expect(parseKeyPolicy({ name: 'a', owner: 'b', limits: { rate: 10 } }, nowMs).limits).toMatchObject({
    requestsPerMinute: 10,
    burst: 10,
  });
  expect(parseKeyPolicy({ name: 'a', owner: 'b', limits: { rate: 10, burst: 3 } }, nowMs).limits).toMatchObject({
    requestsPerMinute: 10,
    burst: 3,
  });
});

it('keeps an empty list apart from none', () => {
  expect(parseKeyPolicy({ name: 'a', owner: 'b', containers: [], fields: [] }, nowMs)).toMatchObject({
    containers: [],
    fields: [],
  });
});

it('names all problems at once', () => {
  const wrong = {
    name: '',
    level: 'root',
    templates: 'some',
    limits: { rate: 0, speed: 1 },
    scopes: ['fly'],
    containers: ['x'],
    expires: '2020-01-01',
  };
  let problems: unknown;
  try {
    parseKeyPolicy(wrong, nowMs);
  } catch (error) {
    problems = (error as { details: { problems: string[] } }).details.problems.map((text) => text.split(':')[0]);
  }
  expect(problems).toEqual([
    'name',
    'owner',
    'level',
    'templates',
    'limits.rate',
    'limits',
    'scopes.0',
    'containers.0',
  ]);
});

it('refuses an expiry in the past and reads both spellings of a later one', () => {
  expect(() => parseKeyPolicy({ name: 'a', owner: 'b', expires: '2020-01-01' }, nowMs)).toThrow(
    'expires: is in the past',
  );
  const expiryOf = (expires: string) =>
    parseKeyPolicy({ name: 'a', owner: 'b', expires }, nowMs).expiresAt?.toISOString();
  expect(expiryOf('2027-01-31')).toBe('2027-01-31T00:00:00.000Z');
  expect(expiryOf('2027-01-31T12:00:00+01:00')).toBe('2027-01-31T11:00:00.000Z');
});

const oneTemplate = { name: 'a', owner: 'b', level: 'id-only', templates: { names: ['expiring'] } } as const;
const days = [{ name: 'days', values: ['30'] }];

it('takes fixed variables and a place in an address for a key that runs one template and nothing else', () => {
  const { variables, inUrl } = parseKeyPolicy({ ...oneTemplate, variables: days, inUrl: true }, nowMs);
  expect([...variables]).toEqual([['days', ['30']]]);
  expect(inUrl).toBe(true);
});

it.each([
  [{ ...oneTemplate, level: 'listed', inUrl: true }, 'inUrl: a key for URLs has the level "id-only"'],
  [{ ...oneTemplate, templates: 'all', inUrl: true }, 'the name of the one template'],
  [{ ...oneTemplate, templates: { names: ['a'], tags: ['b'] }, variables: days }, 'needs the level "id-only"'],
  [{ ...oneTemplate, scopes: ['templates:run', 'admin'], inUrl: true }, 'no scope but "templates:run"'],
  [{ ...oneTemplate, scopes: ['keys:write'], variables: days }, 'no scope but "templates:run"'],
  [{ ...oneTemplate, variables: [...days, ...days] }, 'names a variable twice'],
  [{ ...oneTemplate, variables: [{ name: 'a b', values: ['1'] }] }, 'must be the name of a variable'],
  [{ ...oneTemplate, variables: [{ name: 'a', values: [] }] }, 'variables.0.values'],
  [{ name: 'a', owner: 'b', tier: 'bronze', limits: {} }, 'tier: gives the limits; say one of the two'],
])('refuses %j', (policy, problem) => {
  expect(() => parseKeyPolicy(policy, nowMs)).toThrow(problem);
});

it.each([
  [{ level: 'open' }, false, 'read'],
  [{ level: 'audit' }, false, 'read'],
  [{ level: 'listed' }, false, 'none'],
  [{ level: 'id-only' }, false, 'none'],
  [{ level: 'id-only' }, true, 'write'],
  [{ level: 'listed', scopes: ['admin'] }, false, 'write'],
  [{ level: 'open', rest: 'none' }, true, 'none'],
  [{ level: 'id-only', rest: 'read' }, false, 'read'],
  [{ level: 'id-only', templates: { names: ['a'] }, inUrl: true }, true, 'none'],
] as const)('at the REST façade %j, adopted %s, may: %s', (more, isAdopted, right) => {
  const policy = parseKeyPolicy({ name: 'k', owner: 'o', ...more } as KeyPolicyInput, nowMs);
  expect(restRightOf(policy, isAdopted)).toBe(right);
});

it('a key that runs one template is given no right at the REST façade', () => {
  const inUrl = { name: 'k', owner: 'o', level: 'id-only', templates: { names: ['a'] }, inUrl: true } as const;
  expect(() => parseKeyPolicy({ ...inUrl, rest: 'read' }, nowMs)).toThrow('rest: a key that runs one template');
  expect(parseKeyPolicy({ ...inUrl, rest: 'none' }, nowMs).rest).toBe('none');
});
