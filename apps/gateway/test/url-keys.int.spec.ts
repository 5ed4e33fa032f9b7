import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codesOf, startRunningGateway, templateFile, type RunningGateway } from './running-gateway.ts';

let gateway: RunningGateway;
/** Opens `expiring-soon` with 30 days. */
let key: { readonly id: string; readonly secret: string };
let ordinary: { readonly secret: string };

beforeAll(async () => {
  gateway = await startRunningGateway();
  key = await gateway.makeKey({
    level: 'ID_ONLY',
    templates: { names: ['expiring-soon'] },
    inUrl: true,
    variables: [{ name: 'days', values: ['30'] }],
  });
  ordinary = await gateway.makeKey();
});

afterAll(() => gateway.close());

const byUrl = (path: string, secret = key.secret) =>
  gateway.ask(`/r/${path}${path.includes('?') ? '&' : '?'}key=${secret}`, { key: null });

describe('a key for URLs', () => {
  it('opens its report in any format, and asks everybody to keep the address to themselves', async () => {
    const withKey = await gateway.ask('/r/expiring-soon.csv?days=30');
    for (const format of ['csv', 'json', 'ndjson']) {
      const { status, headers, text } = await byUrl(`expiring-soon.${format}`);
      expect(status).toBe(200);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toMatch(/^private/);
      if (format === 'csv') expect(text).toBe(withKey.text);
    }
  });

  it('keeps its fixed variables at every door that it opens', async () => {
    const { id } = await templateFile('expiring-soon');
    const graphql = (days: unknown) =>
      gateway.post(
        { documentId: id, variables: { days } },
        { key: key.secret, headers: { accept: 'application/graphql-response+json' } },
      );
    const others = [
      await byUrl('expiring-soon.csv?days=31'),
      await byUrl('expiring-soon.csv?days=30&days=31'),
      await gateway.ask('/r/expiring-soon.json?days=31', { key: key.secret }),
      await gateway.ask('/r/expiring-soon/explain?days=31', { key: key.secret }),
      await graphql(31),
      await graphql(null),
      await gateway.ask(`/graphql/${id}?variables=${encodeURIComponent('{"days":31}')}`, {
        key: key.secret,
        headers: { accept: 'application/graphql-response+json' },
      }),
    ];
    expect(others.map(({ status }) => status)).toEqual([403, 400, 403, 403, 403, 403, 403]);
    for (const { json } of [others[0]!, others[3]!, others[4]!, others[6]!])
      expect(json?.errors?.[0]).toMatchObject({
        message: 'This key fixes "days"; leave it out.',
        extensions: { code: 'FORBIDDEN', variables: ['days'] },
      });
    const same = [
      await byUrl('expiring-soon.csv?days=30'),
      await graphql(30),
      await graphql(undefined),
      await gateway.ask('/r/expiring-soon/explain', { key: key.secret }),
    ];
    expect(same.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const free = await gateway.post({ documentId: id, variables: { days: 30 } });
    expect(same[2]!.json?.data).toEqual(free.json?.data);
  });

  it('opens nothing else', async () => {
    expect(codesOf(await byUrl('inventory.csv'))).toEqual(['PERSISTED_QUERY_NOT_IN_LIST']);
    expect((await gateway.ask(`/r/openapi.json?key=${key.secret}`, { key: null })).status).toBe(401);
    expect((await gateway.ask(`/r/expiring-soon/explain?key=${key.secret}`, { key: null })).status).toBe(401);
    expect((await gateway.ask(`/graphql/expiring-soon?key=${key.secret}`, { key: null })).status).toBe(401);
    const text = await gateway.post({ query: '{ me { name } }' }, { key: key.secret });
    expect(codesOf(text)).toEqual(['PERSISTED_QUERY_ID_REQUIRED']);
  });

  it('is over like any other', async () => {
    const brief = await gateway.makeKey({
      level: 'ID_ONLY',
      templates: { names: ['expiring-soon'] },
      inUrl: true,
    });
    await gateway.post({ query: 'mutation ($id: ID!) { revokeKey(id: $id) { id } }', variables: { id: brief.id } });
    expect((await byUrl('expiring-soon.csv', brief.secret)).status).toBe(401);
  });
});

describe('any other key in an address', () => {
  it('is refused in one way, which does not tell whether it exists', async () => {
    const texts = [
      ordinary.secret,
      gateway.adminKey,
      `${key.secret}x`,
      'cfk_nothing',
      'x',
      'x'.repeat(40),
      '%00',
      '__proto__',
    ];
    const answers = await Promise.all(texts.map((text) => byUrl('expiring-soon.csv', text)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]!.json?.errors?.[0]?.message).toContain('Only keys made for it ("keys create --url-for")');
    for (const { headers } of answers) {
      expect(headers.get('ratelimit')).toBeNull();
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('is refused beside another in a header, and when there are two', async () => {
    const beside = await gateway.ask(`/r/expiring-soon.csv?key=${key.secret}`, { key: ordinary.secret });
    expect([beside.status, codesOf(beside)]).toEqual([400, ['BAD_REQUEST']]);
    const two = await gateway.ask(`/r/expiring-soon.csv?key=${key.secret}&key=${ordinary.secret}`, { key: null });
    expect([two.status, codesOf(two)]).toEqual([400, ['BAD_REQUEST']]);
    expect((await gateway.ask(`/r/expiring-soon.csv?key=${key.secret}`, { key: key.secret })).status).toBe(200);
    expect((await gateway.ask('/r/expiring-soon.csv?key=', { key: null })).status).toBe(401);
  });
});
