import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AppError,
  BadUserInput,
  Forbidden,
  ReadLedger,
  silentLogger,
  type Principal,
  type RequestContext,
  type SensitiveGroup,
} from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { graphqlText, rules, yamlText } from '../test/orders-schema.ts';
import { openServedTemplates, type ServedTemplates } from './served-templates.ts';
import {
  createTemplatePublisher,
  type PublishedFile,
  type ReviewPolicy,
  type TemplatePublisher,
} from './template-publisher.ts';
import { createTemplateStore } from './template-store.postgres.ts';
import type { TemplateStore } from './template-store.ts';

let database: TestDatabase;
let store: TemplateStore;
let served: ServedTemplates;
let publisher: TemplatePublisher;
let clock: FakeClock;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate template_versions cascade');
  clock = new FakeClock('2026-11-23T12:00:00Z');
  store = createTemplateStore(database.pool, { clock });
  served = await openServedTemplates({
    store,
    rules: () => rules,
    prepare: () => undefined,
    clock,
    logger: silentLogger,
  });
  publisher = createPublisher('same-key-allowed');
});

/** The analyser is the gateway's: here it refuses by words in the text. */
function createPublisher(review: ReviewPolicy): TemplatePublisher {
  return createTemplatePublisher({
    store,
    served,
    rules: () => rules,
    analyser: {
      examine({ text }, { fields }) {
        if (text.includes('# dear'))
          throw new AppError('COST_ESTIMATED_TOO_EXPENSIVE', 'The operation is estimated at 9 points; 5 are allowed.');
        if (text.includes('cost') && fields !== 'all' && !fields.has('cost'))
          throw new Forbidden('This key may not read Order.cost.');
        return 7;
      },
      async expectedCalls({ text }) {
        if (text.includes('# away')) throw new AppError('SERVICE_UNAVAILABLE', 'No mirror is at hand.');
        return 2;
      },
    },
    review,
    clock,
  });
}

function as(keyId: string, fields: readonly SensitiveGroup[] | 'all' = 'all'): RequestContext {
  const principal: Principal = {
    keyId,
    keyName: `key ${keyId}`,
    owner: 'web',
    level: 'open',
    templates: 'all',
    scopes: new Set(['templates:publish']),
    scope: { containers: 'all' },
    fields: fields === 'all' ? 'all' : new Set(fields),
    limits: { requestsPerMinute: 1, burst: 1, costPerMinute: 5_000_000, rows: 1, concurrent: 1, mode: 'enforce' },
    account: 'default',
    lane: 'interactive',
  };
  const signal = new AbortController().signal;
  return {
    requestId: 'r',
    principal,
    deadline: new Date(clock.nowMs() + 1_000),
    signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
  };
}

const pair = (base = 'expiring-soon', { graphql = graphqlText, yaml = yamlText } = {}): PublishedFile[] => [
  { name: `${base}.graphql`, content: graphql },
  { name: `${base}.yaml`, content: yaml },
];
const spend = () =>
  pair('spend', {
    graphql: 'query Spend { orders { nodes { id cost } } }',
    yaml: yamlText
      .replace('expiring-soon', 'spend')
      .replace(/variables:[^]*/, 'rows: orders.nodes\nsensitive: [cost]\n'),
  });
const version2 = () =>
  pair('expiring-soon@2', { graphql: `${graphqlText}# 2\n`, yaml: yamlText.replace('version: 1', 'version: 2') });
const publish = (files: readonly PublishedFile[], context = as('a'), isDryRun = false) =>
  publisher.publish(files, isDryRun, context);
const approve = (ref: string, context = as('a'), reviewedSensitive: readonly string[] = []) =>
  publisher.approve({ ref, note: null, reviewedSensitive }, context);
const runs = (ref: string) => served.registry().find(ref, { templates: 'all' }).kind === 'found';

describe('publishing', () => {
  it('puts files in as drafts, which run once they are approved', async () => {
    expect(await publish(pair())).toMatchObject([
      {
        change: 'new',
        cost: 7,
        upstreamCalls: 2,
        unknownCalls: null,
        template: { name: 'expiring-soon', state: 'draft' },
      },
    ]);
    expect(runs('expiring-soon')).toBe(false);
    expect(await approve('expiring-soon')).toMatchObject({
      state: 'approved',
      lifecycle: { approved: { by: { keyId: 'a' } } },
    });
    expect(runs('expiring-soon')).toBe(true);
    expect(await publish(pair())).toMatchObject([{ change: 'unchanged', template: { state: 'approved' } }]);
  });

  it('writes nothing in a dry run', async () => {
    const before = await store.revision();
    expect(await publish(pair(), as('a'), true)).toMatchObject([{ change: 'new', template: { state: 'draft' } }]);
    expect(await store.revision()).toBe(before);
  });

  it('does all or nothing and tells every problem at once', async () => {
    const files = [
      ...pair('inventory', { yaml: yamlText.replace('expiring-soon', 'inventory') }),
      ...pair('broken', { graphql: '{ nope }', yaml: 'name: [' }),
      ...pair('dear', { graphql: `${graphqlText}# dear`, yaml: yamlText.replace('expiring-soon', 'dear') }),
      { name: 'alone.graphql', content: '{ a }' },
    ];
    const refusal = publish(files).catch((error: unknown) => error);
    const error = (await refusal) as BadUserInput;
    expect(error).toBeInstanceOf(BadUserInput);
    const problems = error.details['problems'] as { file: string; what: string; todo: string }[];
    expect(new Set(problems.map(({ file }) => file))).toEqual(
      new Set(['alone.graphql', 'broken.graphql', 'broken.yaml', 'dear.graphql']),
    );
    expect(problems.every(({ what, todo }) => what.length > 0 && todo.length > 0)).toBe(true);
    expect(served.all()).toEqual([]);
  });

  it('refuses to change an approved version and says so by file', async () => {
    await publish(pair());
    await approve('expiring-soon');
    await expect(publish(pair('expiring-soon', { graphql: `${graphqlText}\n` }))).rejects.toThrow(
      /expiring-soon\.graphql: The text of expiring-soon@1 changed after its approval/,
    );
  });

  it('is not for a key that may not select what is selected', async () => {
    await expect(publish(spend(), as('a', ['email']))).rejects.toThrow(Forbidden);
    await publish(spend(), as('a', ['cost']));
  });

  it('says why the calls are not known, and publishes all the same', async () => {
    const required = pair('expiring-soon', { graphql: graphqlText.replace('Int! = 30', 'Int!') });
    expect(await publish(required)).toMatchObject([
      { upstreamCalls: null, unknownCalls: 'The calls depend on days, which have no default.' },
    ]);
    const away = pair('expiring-soon', { graphql: `${graphqlText}# away` });
    expect(await publish(away)).toMatchObject([
      { upstreamCalls: null, unknownCalls: 'The calls could not be planned: No mirror is at hand.' },
    ]);
  });

  it.each<[string, readonly PublishedFile[], RegExp]>([
    ['nothing', [], /There is no template among the files/],
    ['names of JavaScript', [{ name: '__proto__', content: '' }], /__proto__: This is no file of a template/],
    [
      'a template with such a name',
      pair('__proto__', { yaml: yamlText.replace('name: expiring-soon', 'name: __proto__') }),
      /a name is a lower-case letter/,
    ],
    ['a way out of the folder', [{ name: '../a.graphql', content: '' }], /This is no file of a template/],
    ['a huge file', [{ name: 'a.graphql', content: 'x'.repeat(1_000_001) }], /more than 1000000 bytes/],
    [
      '10,000 files',
      Array.from({ length: 10_000 }, (_, index) => ({ name: `a${index}.graphql`, content: '' })),
      /There are 10000 files; at most 400/,
    ],
    ['a NUL in the metadata', pair('expiring-soon', { yaml: `${yamlText}# \0` }), /NUL/],
    ['half a surrogate', pair('expiring-soon', { graphql: `${graphqlText}# \ud800` }), /no Unicode text/],
    ['a file twice', [...pair(), ...pair()], /given twice/],
    [
      'a deep document',
      pair('expiring-soon', { graphql: `{${'a{'.repeat(4_000)}a${'}'.repeat(4_000)}}` }),
      /nests too deeply|Cannot query field/,
    ],
    ['many tokens', pair('expiring-soon', { graphql: `{ ${'a '.repeat(20_000)} }` }), /tokens/],
    [
      'YAML that grows',
      pair('expiring-soon', {
        yaml: `a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n`,
      }),
      /cannot be read|Unrecognized/,
    ],
  ])('refuses %s', async (_what, files, message) => {
    const refusal = publish(files);
    await expect(refusal).rejects.toThrow(BadUserInput);
    await expect(refusal).rejects.toThrow(message);
    expect((await store.load()).versions).toEqual([]);
  });

  it('keeps a NUL in a comment of the document: the id is that of the bytes', async () => {
    const graphql = `${graphqlText}# \0 é\n`;
    const [published] = await publish(pair('expiring-soon', { graphql }));
    const [stored] = (await store.load()).versions;
    expect(Buffer.from(stored!.document).toString()).toBe(graphql);
    expect(served.all()[0]!.id).toBe(published!.template.id);
  });

  it('tells one of two who publish one version at once, and only one', async () => {
    const other = pair('expiring-soon', { graphql: `${graphqlText}# other\n` });
    const outcomes = await Promise.allSettled([publish(pair(), as('a')), publish(other, as('b'))]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(String(failed[0]!.reason)).toMatch(
      /expiring-soon\.graphql: expiring-soon@1 was changed by the key "key [ab]" of web while this was being published/,
    );
  });
});

describe('approving', () => {
  beforeEach(() => publish([...spend(), ...pair()]));

  it('needs the sensitive groups to be named, and the right to them', async () => {
    await expect(approve('spend')).rejects.toThrow(/selects sensitive fields: cost/);
    await expect(approve('spend', as('b', ['email']), ['cost'])).rejects.toThrow(Forbidden);
    await expect(approve('spend', as('b'), ['money'])).rejects.toThrow(/no group of sensitive fields "money"/);
    expect(await approve('spend', as('b', ['cost']), ['cost', 'email'])).toMatchObject({
      state: 'approved',
      lifecycle: { approved: { reviewed: ['cost'] } },
    });
  });

  it('by another key only, where that is configured', async () => {
    publisher = createPublisher('other-key');
    await expect(approve('expiring-soon', as('a'))).rejects.toThrow(/another key has to approve it/);
    expect(await approve('expiring-soon', as('b'))).toMatchObject({ state: 'approved' });
    await publish(version2(), as('a'));
    await publish(
      pair('expiring-soon@2', { graphql: `${graphqlText}# 2b\n`, yaml: yamlText.replace('version: 1', 'version: 2') }),
      as('b'),
    );
    await expect(approve('expiring-soon@2', as('b'))).rejects.toThrow(Forbidden);
  });

  it('twice changes nothing, and another state than draft cannot be approved', async () => {
    const first = await approve('expiring-soon');
    expect((await approve('expiring-soon@1', as('b'))).lifecycle!.approved).toEqual(first.lifecycle!.approved);
    await publisher.retire({ ref: 'expiring-soon', note: null }, as('a'));
    await expect(approve('expiring-soon@1')).rejects.toThrow(
      'expiring-soon@1 is retired and cannot become approved. States go forward only; publish a new version.',
    );
  });

  it('finds what is meant: a name with one draft, an id, a version', async () => {
    await publish(version2());
    await expect(approve('expiring-soon')).rejects.toThrow(
      /could mean expiring-soon@1 \(draft\), expiring-soon@2 \(draft\); say which version/,
    );
    const id = served.all().find(({ version }) => version === 2)!.id;
    expect(await approve(`sha256:${id}`)).toMatchObject({ version: 2, state: 'approved' });
    expect(await approve('expiring-soon')).toMatchObject({ version: 1, state: 'approved' });
    await expect(approve('expiring-son')).rejects.toThrow(
      'There is no template "expiring-son"; the nearest is "expiring-soon".',
    );
    await expect(approve('__proto__')).rejects.toThrow('There is no template "__proto__".');
  });
});

describe('the end of a version', () => {
  beforeEach(async () => {
    await publish(pair());
    await publish(version2());
    await approve('expiring-soon@1');
    await approve('expiring-soon@2');
  });

  it('begins with a deprecation that has a day to come, and a note', async () => {
    const deprecate = (sunset: string, note: string | null = 'use 2') =>
      publisher.deprecate({ ref: 'expiring-soon@1', note, sunset: sunset as never }, as('a'));
    await expect(deprecate('2026-11-22')).rejects.toThrow('The sunset 2026-11-22 is past; today is 2026-11-23.');
    await expect(deprecate('2026-12-31', 'x'.repeat(2_001))).rejects.toThrow(
      'The note has 2001 characters; 2000 are allowed.',
    );
    await expect(deprecate('2026-12-31', 'a\0b')).rejects.toThrow(/no text/);
    expect(await deprecate('2026-12-31')).toMatchObject({
      state: 'deprecated',
      lifecycle: { successor: 'expiring-soon@2', deprecated: { note: 'use 2', sunset: '2026-12-31' } },
    });
    expect(runs('expiring-soon@1')).toBe(true);
  });

  it('is retirement, which is told with its day', async () => {
    await publisher.retire({ ref: 'expiring-soon@1', note: 'wrong numbers' }, as('b'));
    expect(served.registry().find('expiring-soon@1', { templates: 'all' })).toEqual({
      kind: 'not-in-list',
      nearest: 'expiring-soon',
      retiredAt: '2026-11-23',
      owner: 'pki-team',
    });
  });
});

it('says that the registry is away while the database is', async () => {
  await publish(pair());
  await database.pool.query('alter table template_revision rename to away');
  try {
    for (const asking of [publish(version2()), approve('expiring-soon')])
      await expect(asking).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  } finally {
    await database.pool.query('alter table away rename to template_revision');
  }
});
