import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@certfolio/database';
import { sha256, startRunningGateway, type RunningGateway } from './running-gateway.ts';

const run = promisify(execFile);
/** What scripts send to CertCentral: one that is adopted, one that is passed through, one that is nobody's. */
const adoptedText = 'AdoptedCertCentralKey0123456789abcdefghijklmnopqrstuvwxyz';
const passedText = 'PassedCertCentralKey0123456789abcdefghijklmnopqrstuvwxyz';

let folder: string;
let gateway: RunningGateway;
/** Every text that opened something. */
const secrets: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certfolio-heap-'));
  gateway = await startRunningGateway({
    CERTFOLIO_PASSTHROUGH: 'on',
    LOG_LEVEL: 'debug',
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`,
  });
});

afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

const change = async (query: string, variables: object) => {
  const { json } = await gateway.post({ query, variables });
  if (json?.data == null) throw new Error(JSON.stringify(json));
  return Object.values(json.data)[0] as { secret: string; url: string | null; key: { id: string } };
};
const created = '{ secret url key { id } }';
const create = (input: object) =>
  change(`mutation ($input: CreateKeyInput!) { createKey(input: $input) ${created} }`, { input });
const rotate = (id: string) => change(`mutation ($id: ID!) { rotateKey(id: $id) ${created} }`, { id });
const adopt = (id: string, text: string) =>
  change('mutation ($id: ID!, $sha256: String!) { adoptKey(id: $id, sha256: $sha256) { id } }', {
    id,
    sha256: sha256(text),
  });

/** What is looked for: the random part too, since a text may be kept in pieces. */
const needles = () =>
  secrets.flatMap((text) => [text, text.startsWith('cfk_') ? text.slice('cfk_0123456789_'.length, -6) : text]);
const found = (haystack: string) => needles().filter((needle) => haystack.includes(needle));

/** The product is used in every way that takes a secret, and each secret where it works and where it does not. */
async function useEverything(): Promise<readonly string[]> {
  const ordinary = await create({ name: 'ordinary', owner: 'tests', adoptSha256: sha256(adoptedText) });
  const next = await rotate(ordinary.key.id);
  const sheet = await create({
    name: 'sheet',
    owner: 'tests',
    level: 'ID_ONLY',
    templates: { names: ['expiring-soon'] },
    inUrl: true,
    variables: [{ name: 'days', values: ['30'] }],
  });
  secrets.push(ordinary.secret, next.secret, sheet.secret, adoptedText, passedText);
  const bodies: string[] = [];
  const ask = async (...args: Parameters<RunningGateway['ask']>) => bodies.push((await gateway.ask(...args)).text);
  for (const key of secrets) {
    await ask('/r/expiring-soon.csv', { key });
    await ask('/graphql', { key, method: 'POST', body: { query: '{ me { name } ' } });
    await ask('/graphql', { key: null, headers: { 'X-DC-DEVKEY': `${key}-mistyped` } });
    await ask(`/r/expiring-soon.csv?key=${key}&days=31`, { key: null });
    await ask(`/r/expiring-soon.json?key=${key}&apikey=${key}`, { key: null });
    await ask(`/nothing/here?key=${key}`, { key });
    await ask(`/graphql?query={me{name}}&key=${key}`, { key: null });
    await ask('/services/v2/reports/query', { key, method: 'POST', body: '{ order_details(limit: 1) { id } }' });
  }
  await ask('/r/openapi.json', { key: sheet.secret });
  await ask('/metrics', { key: null });
  await ask('/readyz', { key: null });
  const { text } = await gateway.post({
    query: '{ keys { id name variables { name } secrets { kind createdAt expiresAt lastUsedAt } } }',
  });
  bodies.push(text);
  return bodies;
}

describe('the text of a key', () => {
  let bodies: readonly string[];
  let processes: string;

  beforeAll(async () => {
    bodies = await useEverything();
    processes = (await run('ps', ['-eo', 'args'], { maxBuffer: 64 * 1_024 * 1_024 })).stdout;
  });

  it('opened something, or the rest would prove nothing', async () => {
    for (const key of secrets) expect((await gateway.ask('/r/expiring-soon.csv', { key })).status).toBe(200);
  });

  it('stands in no answer but the one that told it', () => {
    expect(found(bodies.join('\n'))).toEqual([]);
  });

  it('stands in no log, and on no command line', () => {
    expect(gateway.process.stderr() + gateway.process.stdout()).toContain('/r/expiring-soon.csv');
    expect(found(gateway.process.stderr() + gateway.process.stdout())).toEqual([]);
    expect(found(processes)).toEqual([]);
  });

  it('stands in no table', async () => {
    const pool = createPool(gateway.databaseUrl, { applicationName: 'dump', max: 1, logger: console as never });
    const { rows: tables } = await pool.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    expect(tables.map(({ name }) => name)).toContain('public.key_secrets');
    for (const { name } of tables) {
      const { rows } = await pool.query<{ line: string }>(`select t::text as line from ${name} t`);
      const dump = rows.map(({ line }) => line).join('\n');
      expect([name, found(dump)]).toEqual([name, []]);
      expect(needles().filter((needle) => dump.includes(Buffer.from(needle).toString('hex')))).toEqual([]);
    }
    await pool.end();
  });

  it('is gone from memory once the key is revoked, also where its connection stays open', async () => {
    const agent = new Agent({ keepAlive: true });
    for (const key of secrets) await getBy(agent, `${gateway.url}/r/expiring-soon.csv?days=29`, key);
    await getBy(agent, `${gateway.url}/r/expiring-soon.csv?key=${secrets[2]}`, null);
    const { json } = await gateway.post({ query: '{ keys { id name revokedAt } }' });
    const mine = (json!.data.keys as { id: string; name: string }[]).filter(({ name }) => /ordinary|sheet/.test(name));
    for (const { id } of mine) await change('mutation ($id: ID!) { revokeKey(id: $id) { id } }', { id });
    // Other requests follow on the same connections, as they do in a product that is in use.
    for (let n = 0; n < 20; n += 1) await gateway.ask('/r/expiring-soon.csv');
    const heap = await heapOf(gateway.process.pid);
    // The one secret that the process was given itself shows that the snapshot has texts at all.
    expect(heap.includes(gateway.adminKey)).toBe(true);
    expect(found(heap)).toEqual([]);
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
    agent.destroy();
  });
});

it('opens nothing within five seconds of its end, and what a key may do changes within five', async () => {
  const { secret, key } = await create({ name: 'brief', owner: 'tests' });
  await adopt(key.id, `${adoptedText}-2`);
  const statusOf = async (text: string) => (await gateway.ask('/r/expiring-soon.csv', { key: text })).status;
  expect([await statusOf(secret), await statusOf(`${adoptedText}-2`)]).toEqual([200, 200]);
  await change('mutation ($id: ID!) { updateKey(id: $id, input: { templates: { names: ["inventory"] } }) { id } }', {
    id: key.id,
  });
  await until(async () => (await statusOf(secret)) === 404);
  await change('mutation ($id: ID!) { rotateKey(id: $id, overlapSeconds: 0, adopted: true) { secret } }', {
    id: key.id,
  });
  await until(async () => (await statusOf(secret)) === 401 && (await statusOf(`${adoptedText}-2`)) === 401);
});

/** Over a connection that stays open, with this as its last request. */
async function getBy(agent: Agent, url: string, key: string | null): Promise<void> {
  const request = get(url, { agent, headers: key === null ? {} : { 'X-DC-DEVKEY': key } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await buffer(response);
}

/** @throws Error when it is not so within five seconds */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + 5_000;
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error('It was not so within 5 s.');
    await sleep(100);
  }
}

/** A snapshot of the process's heap as text; Node collects its garbage first. */
async function heapOf(pid: number): Promise<string> {
  process.kill(pid, 'SIGUSR2');
  let size = -1;
  for (;;) {
    await sleep(500);
    const [name] = (await readdir(folder)).filter((file) => file.endsWith('.heapsnapshot'));
    if (name === undefined) continue;
    const text = await readFile(join(folder, name), 'utf8');
    if (text.length > 0 && text.length === size && text.trimEnd().endsWith('}')) return text;
    size = text.length;
  }
}
