import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseConfiguration, type ConfigurationOptions } from './configuration.ts';
import { SettingsError } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certfolio-config-'));
  writeFileSync(join(folder, 'key'), 'the-upstream-key\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileName = () => join(folder, 'certfolio.yaml');

function configure(text: string, variables: Record<string, string> = {}, options: ConfigurationOptions = {}) {
  writeFileSync(fileName(), text);
  return parseConfiguration({ CERTFOLIO_CONFIG: fileName(), ...variables }, options);
}

/** Problems by setting, without the folder of the file. */
function problemsOf(text: string, variables: Record<string, string> = {}, options: ConfigurationOptions = {}) {
  try {
    configure(text, variables, options);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ name, problem }) => `${name.replace(`${folder}/`, '')}: ${problem}`);
  }
  return [];
}

describe('without a file', () => {
  it('has the defaults, and the account of the environment', () => {
    expect(parseConfiguration({}).accounts).toEqual([]);
    const { accounts, mirror, limits } = parseConfiguration({ CERTCENTRAL_API_KEY: 'k' });
    expect(accounts).toMatchObject([
      { name: 'default', baseUrl: 'https://www.digicert.com/services/v2', key: { kind: 'value', value: 'k' } },
    ]);
    expect(mirror).toEqual({
      enabled: true,
      roundSeconds: 60,
      fullComparisonSeconds: 'auto',
      maxAgeSeconds: 300,
      historyDays: 400,
      backfill: true,
      backfillAfterSeconds: 30,
      backfillCallsPerSecond: 4,
      connectionWaitSeconds: 30,
    });
    expect(limits).toEqual({
      maxDepth: 15,
      maxRootFields: 60,
      maxAliases: 1_000,
      maxDirectives: 50,
      maxCost: 300_000,
      maxTokens: 15_000,
      bodyBytes: 1_048_576,
      legacyHeaders: false,
    });
  });

  it('says so when the file that is named is not there', () => {
    const named = { CERTFOLIO_CONFIG: join(folder, 'other.yaml'), PORT: 'x' };
    expect(() => parseConfiguration(named)).toThrow(
      [
        'The settings cannot be used:',
        '  PORT: must be a port, 0 to 65535',
        '  CERTFOLIO_CONFIG: names a file that cannot be read',
      ].join('\n'),
    );
  });

  it('names what is wrong with the variables of OpenTelemetry, which passes over it', () => {
    const wrong = {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      ...{ OTEL_TRACES_SAMPLER: 'sometimes', OTEL_TRACES_SAMPLER_ARG: '10%' },
    };
    expect(problemsOf('', wrong)).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https URL',
      'OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf; traces are sent in no other form',
      expect.stringMatching(/^OTEL_TRACES_SAMPLER: must be one of always_on, /),
      'OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1',
    ]);
  });

  it.each(['', '# nothing yet\n', 'accounts:\nmirror:\n'])('takes %j for an empty one', (text) => {
    expect(configure(text)).toMatchObject({ accounts: [], mirror: { enabled: true }, audit: { retentionDays: 400 } });
  });
});

describe('the audit log', () => {
  it('reads what the REST façade takes', () => {
    expect(configure('').rest).toEqual({ bodyBytes: 33_554_432, infoUrl: null });
    expect(configure('rest: { bodyBytes: 2048, infoUrl: "https://wiki.example/rest" }').rest).toEqual({
      bodyBytes: 2_048,
      infoUrl: 'https://wiki.example/rest',
    });
    const wrong = () => configure('rest:\n  bodyBytes: 0\n  infoUrl: "https://wiki.example/>x"\n');
    expect(wrong).toThrow('certfolio.yaml:2 rest.bodyBytes: must be a whole number of bytes, 1024 to 1073741824');
    expect(wrong).toThrow('certfolio.yaml:3 rest.infoUrl: must be an address that begins with https:// or http://');
  });

  it('keeps entries for a number of days, and nothing else is said of it', () => {
    expect(configure('audit: { retentionDays: 30 }').audit).toEqual({ retentionDays: 30 });
    const wrong = () => configure('audit:\n  retentionDays: 0\n  retention: 5\n');
    expect(wrong).toThrow('certfolio.yaml:2 audit.retentionDays: must be a whole number of days, 1 to 36500');
    expect(wrong).toThrow('certfolio.yaml:3 audit.retention: is not known; there are retentionDays');
  });
});

it('reads who may approve templates', () => {
  expect(configure('templates: { review: other-key }\n').templates).toEqual({ review: 'other-key' });
  expect(configure('').templates).toEqual({ review: 'same-key-allowed' });
  expect(problemsOf('templates: { review: nobody }\n')).toEqual([
    'certfolio.yaml:1 templates.review: must be "same-key-allowed" or "other-key"',
  ]);
});

describe('accounts', () => {
  it('are a map by name or a list; the environment adds "default"', () => {
    const map = configure('accounts:\n  eu: { baseUrl: eu, apiKeyFile: key }\n', { CERTCENTRAL_API_KEY: 'own' });
    expect(map.accounts.map(({ name, baseUrl, key }) => [name, baseUrl, key])).toEqual([
      ['default', 'https://www.digicert.com/services/v2', { kind: 'value', value: 'own' }],
      ['eu', 'https://certcentral.digicert.eu/services/v2', { kind: 'file', path: join(folder, 'key') }],
    ]);
    const list = configure(
      'accounts:\n  - { name: default, baseUrl: "http://localhost:1/services/v2/", apiKeyEnv: OWN }\n',
      {
        OWN: 'from-a-variable',
      },
    );
    expect(list.accounts).toEqual([
      {
        name: 'default',
        baseUrl: 'http://localhost:1/services/v2',
        setting: `${fileName()}:2 accounts.0`,
        key: { kind: 'value', value: 'from-a-variable' },
        budget: null,
        reportZone: null,
      },
    ]);
  });

  it('are named once, and one of them is "default"', () => {
    const twice = 'accounts:\n  - { name: eu, apiKeyFile: key }\n  - { name: eu, apiKeyFile: key }\n';
    expect(problemsOf(twice)).toEqual([
      'certfolio.yaml:3 accounts.1: the account "eu" is defined above',
      'certfolio.yaml:1 accounts: one must be named "default": keys that name no account read it',
    ]);
    expect(problemsOf('accounts:\n  default: { apiKeyFile: key }\n', { CERTCENTRAL_API_KEY: 'k' })).toEqual([
      'certfolio.yaml:2 accounts.default: the account "default" is defined by CERTCENTRAL_API_KEY or CERTCENTRAL_API_KEY_FILE',
    ]);
  });

  it('have no key in the file, and no message repeats one', () => {
    const secret = 'SECRET-0123456789';
    const text = [
      'accounts:',
      `  default: { apiKey: ${secret} }`,
      `  eu: { apiKeyEnv: "${secret}" }`,
      `  us: { apiKeyEnv: ${secret.replaceAll('-', '_')} }`,
      `  asia: { apiKeyFile: ${secret} }`,
      `  both: { apiKeyFile: key, apiKeyEnv: HOME }`,
      '  none: {}',
    ].join('\n');
    const problems = problemsOf(text, { HOME: '/root' });
    expect(problems).toEqual([
      'certfolio.yaml:2 accounts.default.apiKey: a key does not belong into this file; name its file with apiKeyFile, or a variable with apiKeyEnv',
      'certfolio.yaml:3 accounts.eu.apiKeyEnv: must be the name of a variable',
      'certfolio.yaml:4 accounts.us.apiKeyEnv: names a variable that is not set',
      'certfolio.yaml:5 accounts.asia.apiKeyFile: names a file that cannot be read',
      'certfolio.yaml:6 accounts.both.apiKeyEnv: set this or apiKeyFile, not both',
      'certfolio.yaml:7 accounts.none: needs apiKeyFile or apiKeyEnv',
    ]);
    expect(problems.join()).not.toContain('0123456789');
  });

  it('an empty file holds no secret', () => {
    writeFileSync(join(folder, 'empty'), ' \n');
    expect(problemsOf('accounts: { default: { apiKeyFile: empty } }')).toEqual([
      'certfolio.yaml:1 accounts.default.apiKeyFile: names a file that holds no secret',
    ]);
  });

  it('of a process that reads none need no key', () => {
    const text = 'accounts: { default: { apiKeyFile: nowhere }, eu: { apiKeyEnv: UNSET } }';
    expect(configure(text, {}, { holdsKeys: false }).accounts.map(({ name, key }) => [name, key])).toEqual([
      ['default', null],
      ['eu', null],
    ]);
  });

  it.each([
    ['[{ calls: 100, windowMs: 5000 }, { calls: 1000, windowMs: 180000 }]', []],
    ['[{ calls: 5, windowMs: 1000 }]', []],
    [
      '[{ calls: 95, windowMs: 5200 }]',
      ['accounts.default.budget: would let 3325 calls through in 180 s, where CertCentral allows 1000'],
    ],
    [
      '[{ calls: 900, windowMs: 180000 }]',
      ['accounts.default.budget: would let 900 calls through in 5 s, where CertCentral allows 100'],
    ],
    ['[]', ['accounts.default.budget: must have at least one window']],
    [
      '[{ calls: 0, windowMs: 5000, call: 1 }]',
      [
        'accounts.default.budget.0.call: is not known; the nearest is "calls"',
        'accounts.default.budget.0.calls: must be at least 1',
      ],
    ],
  ])('with the budget %s', (budget, problems) => {
    expect(problemsOf(`accounts:\n  default: { apiKeyFile: key, budget: ${budget} }`)).toEqual(
      problems.map((problem) => `certfolio.yaml:2 ${problem}`),
    );
  });
});

describe('everything that is wrong', () => {
  it('stands in one message, with its line, beside the variables', () => {
    const text = [
      'acounts: {}',
      'accounts:',
      '  default:',
      '    baseUrl: 7',
      '    apiKyFile: key',
      '    reportZone: Mars/Olympus',
      '  Bad Name: { apiKeyFile: key }',
      'subgraphs:',
      '  teams: ftp://a',
      '  other:',
      '    - http://a',
      '    - 5',
      '  __proto__: http://a',
      'mirror:',
      '  roundSeconds: soon',
      '  fullComparisonSeconds: never',
      '  historyDays: 0',
      '  colour: blue',
      'limits:',
      '  maxDepth: 0',
      '  maxAlias: 5',
      '  bodyBytes: 1 MB',
      '  legacyHeaders: maybe',
    ].join('\n');
    expect(problemsOf(text, { PORT: '70000', CERTFOLIO_MIRROR: 'maybe' })).toEqual([
      'PORT: must be a port, 0 to 65535',
      'CERTFOLIO_MIRROR: must be "on" or "off"',
      'certfolio.yaml:1 acounts: is not known; the nearest is "accounts"',
      'certfolio.yaml:7 accounts.Bad Name: is no name of an account: small letters, digits and "-", a letter first',
      'certfolio.yaml:5 accounts.default.apiKyFile: is not known; the nearest is "apiKeyFile"',
      'certfolio.yaml:4 accounts.default.baseUrl: must be "us", "eu" or an address',
      'certfolio.yaml:6 accounts.default.reportZone: must be an IANA time zone',
      'certfolio.yaml:9 subgraphs.teams: must be an http or https URL, or a list of them',
      'certfolio.yaml:12 subgraphs.other.1: must be an http or https URL, or a list of them',
      'certfolio.yaml:13 subgraphs.__proto__: is no name of a subgraph: small letters, digits and "-", a letter first',
      'certfolio.yaml:18 mirror.colour: is not known; there are enabled, roundSeconds, fullComparisonSeconds, maxAgeSeconds, historyDays, backfill, backfillAfterSeconds, backfillCallsPerSecond, connectionWaitSeconds',
      'certfolio.yaml:15 mirror.roundSeconds: must be a whole number of seconds, 1 to 86400',
      'certfolio.yaml:16 mirror.fullComparisonSeconds: must be "auto" or a whole number of seconds, 60 to 2678400',
      'certfolio.yaml:17 mirror.historyDays: must be a whole number of days, 1 to 36500',
      'certfolio.yaml:21 limits.maxAlias: is not known; the nearest is "maxAliases"',
      'certfolio.yaml:20 limits.maxDepth: must be a whole number of fields, 1 to 100',
      'certfolio.yaml:22 limits.bodyBytes: must be a whole number of bytes, 1024 to 4194304',
      'certfolio.yaml:23 limits.legacyHeaders: must be true or false',
      'CERTFOLIO_INTERNAL_SECRET: is needed when a subgraph is served elsewhere',
    ]);
  });

  it('takes limits, and leaves the others as they are', () => {
    const { limits } = configure('limits:\n  maxDepth: 7\n  legacyHeaders: true\n');
    expect(limits).toMatchObject({ maxDepth: 7, maxAliases: 1_000, legacyHeaders: true });
  });

  it.each([
    ['accounts: [', 'certfolio.yaml:1: is no YAML'],
    ['mirror: {}\nmirror: {}', 'certfolio.yaml:2: is no YAML (duplicate key)'],
    ['mirror: *gone', 'certfolio.yaml: has aliases that cannot be followed'],
    ['just a text', 'certfolio.yaml:1: must be a map of names and values'],
    ['accounts: 5', 'certfolio.yaml:1 accounts: must be a map of names and values'],
    ['accounts: [5]', 'certfolio.yaml:1 accounts.0: must be a map of names and values'],
    ['accounts: [{ apiKeyFile: key }]', 'certfolio.yaml:1 accounts.0.name: is needed: keys name the account by it'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)[0]).toMatch(new RegExp(`^${problem.replace(/[.*()]/g, '\\$&')}`));
  });

  it('YAML that cannot be read is not quoted', () => {
    const problems = problemsOf('accounts:\n  default: { apiKey: SECRET-0123456789, }, }\n  x: "SECRET-0123456789\n');
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain('SECRET');
  });

  it('an alias has the line of what it stands for', () => {
    const text = 'mirror: &m\n  roundSeconds: -1\nsubgraphs: *m\n';
    expect(problemsOf(text, { CERTFOLIO_INTERNAL_SECRET: 'x'.repeat(32) })).toContain(
      'certfolio.yaml:2 subgraphs.roundSeconds: is no name of a subgraph: small letters, digits and "-", a letter first',
    );
  });

  it('an account that is broken is not called missing', () => {
    const problems = problemsOf(
      'accounts: { default: { baseUrl: 7, apiKeyFile: key } }',
      {},
      {
        check: ({ accounts }) => (accounts?.length === 0 ? [{ name: 'X', problem: 'is needed' }] : []),
      },
    );
    expect(problems).toEqual(['certfolio.yaml:1 accounts.default.baseUrl: must be "us", "eu" or an address']);
  });
});

describe('the environment wins', () => {
  const secret = { CERTFOLIO_INTERNAL_SECRET: 'x'.repeat(32) };

  it('for a subgraph that both name', () => {
    const text = 'subgraphs: { orders: "http://file/orders", teams: ["http://a", "http://b"] }';
    const { CERTFOLIO_SUBGRAPH_URLS: urls } = configure(text, {
      ...secret,
      CERTFOLIO_SUBGRAPH_URLS: 'orders=http://environment/orders',
    });
    expect(urls).toEqual([
      { name: 'orders', urls: ['http://environment/orders'] },
      { name: 'teams', urls: ['http://a', 'http://b'] },
    ]);
  });

  it('for the mirror', () => {
    expect(configure('mirror: { enabled: true }', { CERTFOLIO_MIRROR: 'off' }).mirror.enabled).toBe(false);
    expect(configure('mirror: { enabled: false }', { CERTFOLIO_MIRROR: 'on' }).mirror.enabled).toBe(true);
    expect(configure('mirror: { enabled: false }').mirror.enabled).toBe(false);
  });
});

describe('keys that are passed through, and tiers', () => {
  it('have defaults', () => {
    const { passThrough, tiers } = configure('');
    expect(passThrough).toEqual({
      level: 'listed',
      templates: 'all',
      containers: 'all',
      fields: 'all',
      account: 'default',
      proofsPerMinute: 30,
      rest: 'write',
      limits: {
        requestsPerMinute: 60,
        burst: 60,
        costPerMinute: 5_000_000,
        rows: 100_000,
        concurrent: 20,
        mode: 'enforce',
      },
    });
    expect(tiers.size).toBe(0);
  });

  it('read lists and names', () => {
    const { passThrough } = configure('passthrough: { templates: [a, "tag:b"], containers: [7], fields: [] }');
    expect(passThrough).toMatchObject({ templates: { names: ['a'], tags: ['b'] }, containers: [7], fields: [] });
  });

  it('say what is wrong with their line', () => {
    const text = [
      'passthrough:',
      '  level: root',
      '  templates: daily',
      '  proofsPerMinute: 601',
      '  scopes: [admin]',
      'tiers:',
      '  Bronze: { rate: 5 }',
      '  silver: { rate: 0, speed: 1 }',
      '  none: {}',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'certfolio.yaml:5 passthrough.scopes: is not known; there are rate, burst, rows, concurrent, cost, mode, level, templates, containers, fields, account, proofsPerMinute, rest',
      'certfolio.yaml:2 passthrough.level: must be one of open, audit, listed, id-only',
      'certfolio.yaml:3 passthrough.templates: must be "all", or a list of names and "tag:…"',
      'certfolio.yaml:4 passthrough.proofsPerMinute: must be a whole number, 1 to 600',
      'certfolio.yaml:7 tiers.Bronze: is no name of a tier: small letters, digits and "-", a letter first, and not "none"',
      'certfolio.yaml:8 tiers.silver.speed: is not known; there are rate, burst, rows, concurrent, cost, mode',
      'certfolio.yaml:8 tiers.silver.rate: must be a whole number, 1 to 1000000',
      'certfolio.yaml:9 tiers.none: is no name of a tier: small letters, digits and "-", a letter first, and not "none"',
    ]);
  });
});

describe('the runs of schedules', () => {
  it('have defaults', () => {
    expect(configure('').reports).toEqual({
      workers: 2,
      leaseSeconds: 30,
      retrySeconds: 30,
      maxRetrySeconds: 3_600,
      graceSeconds: 300,
      pruneSeconds: 3_600,
    });
  });

  it('say what is wrong with their line', () => {
    const text = [
      'reports:',
      '  workers: 51',
      '  leaseSeconds: 2',
      '  retrySeconds: 0',
      '  maxRetrySeconds: 86401',
      '  graceSeconds: 5m',
      '  pruneSeconds: 9.5',
      '  lease: 30',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'certfolio.yaml:8 reports.lease: is not known; there are workers, leaseSeconds, retrySeconds, maxRetrySeconds, graceSeconds, pruneSeconds',
      'certfolio.yaml:2 reports.workers: must be a whole number, 0 to 50',
      'certfolio.yaml:3 reports.leaseSeconds: must be a whole number of seconds, 3 to 3600',
      'certfolio.yaml:4 reports.retrySeconds: must be a whole number of seconds, 1 to 86400',
      'certfolio.yaml:5 reports.maxRetrySeconds: must be a whole number of seconds, 1 to 86400',
      'certfolio.yaml:6 reports.graceSeconds: must be a whole number of seconds, 10 to 86400',
      'certfolio.yaml:7 reports.pruneSeconds: must be a whole number of seconds, 10 to 86400',
    ]);
    expect(problemsOf('reports:\n  retrySeconds: 60\n  maxRetrySeconds: 59\n')).toEqual([
      'certfolio.yaml:3 reports.maxRetrySeconds: must be at least "retrySeconds", 60',
    ]);
  });
});

describe('what metrics may show of certificates', () => {
  it('is none of their names by default', () => {
    expect(configure('').metrics).toEqual({ certificates: { containers: [], max: 500 } });
    expect(configure('metrics: { certificates: { containers: none } }').metrics.certificates.containers).toEqual([]);
    expect(configure('metrics: { certificates: { containers: all, max: 9 } }').metrics).toEqual({
      certificates: { containers: 'all', max: 9 },
    });
  });

  it('says what is wrong with its line', () => {
    expect(problemsOf('metrics:\n  certificates:\n    containers: some\n    max: 0\n    min: 1\n')).toEqual([
      'certfolio.yaml:5 metrics.certificates.min: is not known; there are containers, max',
      'certfolio.yaml:3 metrics.certificates.containers: must be "all", "none", or a list of division ids',
      'certfolio.yaml:4 metrics.certificates.max: must be a whole number, 1 to 20000',
    ]);
  });
});

it('the example of docs/configuration.md is one', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const [, example] = /```yaml\n(.*?)```/s.exec(page)!;
  const text = example!.replace('/run/secrets/certcentral', 'key');
  const {
    accounts,
    mirror,
    passThrough,
    tiers,
    CERTFOLIO_SUBGRAPH_URLS: subgraphs,
  } = configure(text, {
    CERTCENTRAL_EUROPE_KEY: 'k',
    CERTFOLIO_INTERNAL_SECRET: 'x'.repeat(32),
  });
  expect(accounts.map(({ name, reportZone, budget }) => [name, reportZone, budget?.length])).toEqual([
    ['default', null, undefined],
    ['europe', 'America/Denver', 2],
  ]);
  expect(subgraphs.map(({ name, urls }) => [name, urls.length])).toEqual([
    ['teams', 1],
    ['orders', 2],
  ]);
  expect(mirror).toEqual(parseConfiguration({}).mirror);
  expect(passThrough).toMatchObject({ level: 'audit', fields: ['cost'], limits: { rows: 10_000, concurrent: 5 } });
  expect([...tiers]).toEqual([
    [
      'bronze',
      { requestsPerMinute: 60, burst: 10, costPerMinute: 200_000, rows: 10_000, concurrent: 2, mode: 'enforce' },
    ],
    [
      'gold',
      {
        requestsPerMinute: 1_200,
        burst: 1_200,
        costPerMinute: 5_000_000,
        rows: 1_000_000,
        concurrent: 50,
        mode: 'enforce',
      },
    ],
  ]);
});

it('members of the page are those that are known', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  const sections = [
    'mirror',
    'passthrough',
    'limits',
    'templates',
    'egress',
    'reports',
    'audit',
    'rest',
    'migration',
    'metrics',
  ];
  const known = problemsOf(
    ['accounts: { default: { apiKeyFile: key, Q: 1 } }', ...sections.map((name) => `${name}: { Q: 1 }`)].join('\n'),
  ).flatMap((problem) => problem.split('there are ')[1]!.split(', '));
  expect(rows.sort()).toEqual(known.sort());
});
