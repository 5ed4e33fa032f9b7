import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createStage, dataOf, runCommand, type CreatedCaller, type ProductProcess } from '../harness/index.ts';
import { startHook, startMailbox, type Hook, type Mailbox } from './receivers.ts';

const stage = createStage();
let product: ProductProcess;
let hook: Hook;
let mailbox: Mailbox;
let dir: string;
let owner: CreatedCaller;
let other: CreatedCaller;
let narrow: CreatedCaller;

interface Run {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly trigger: string;
  readonly slot: string;
  readonly rows: number | null;
  readonly variables: string;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly path: string }[];
  readonly deliveries: readonly {
    readonly kind: string;
    readonly destination: string;
    readonly state: string;
    readonly error: string | null;
  }[];
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-schedules-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  hook = await startHook();
  stage.defer(() => hook.stop());
  mailbox = await startMailbox();
  stage.defer(() => mailbox.stop());
  await writeFile(join(dir, 'webhook-secret'), 'a-secret-that-both-sides-know-0123456789');
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  share: { kind: folder, path: ${join(dir, 'out')} }
  mail: { kind: email, host: 127.0.0.1, port: ${mailbox.port}, allowPlain: true, from: certfolio@example.test, to: [pki@example.test] }
  cmdb: { kind: webhook, url: '${hook.url}', secretFile: webhook-secret }
egress: { allow: [127.0.0.1] }
`,
  );
  product = await stage.product({
    main: [join(import.meta.dirname, 'product-with-moved-clock.mjs'), new Date().toISOString()],
    env: { CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'), EMULATOR_ORDERS: '500', CERTFOLIO_MIRROR: 'on' },
  });
  const scopes = ['templates:run', 'schedules:write'];
  owner = await product.createKey({ name: 'pki-reports', owner: 'pki', level: 'OPEN', scopes });
  other = await product.createKey({ name: 'web', owner: 'web', level: 'OPEN', scopes });
  narrow = await product.createKey({ name: 'narrow', owner: 'pki', level: 'OPEN', scopes, containers: [17] });
}, 120_000);

const certfolio = ({ key }: { readonly key: string }, ...args: string[]) =>
  runCommand({ url: product.url, key }, args, dir);
const apply = async (yaml: string, caller: { readonly key: string } = owner, ...more: string[]) => {
  await writeFile(join(dir, 'schedules.yaml'), yaml);
  return certfolio(caller, 'schedules', 'apply', '-f', 'schedules.yaml', ...more);
};
const runsOf = async (name: string): Promise<readonly Run[]> => {
  const { stdout } = await certfolio(owner, 'runs', 'list', '--schedule', name, '--json');
  const { runs } = { runs: JSON.parse(stdout) as Run[] };
  return runs;
};
const shown = async (id: string): Promise<Run> =>
  JSON.parse((await certfolio(owner, 'runs', 'show', id, '--json')).stdout) as Run;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const weekly = (name: string, more: string) => `- name: ${name}
  template: expiring-soon
  variables: { days: 60 }
  cron: 30 2 * * *
  zone: Europe/Berlin
${more}`;

describe('a schedule', () => {
  it('is applied from a file, listed with its next times, and changed by nobody else', async () => {
    const yaml = weekly('expiring-weekly', '  formats: [csv, xlsx, html]\n  to: [share, mail, cmdb]\n');
    const dry = await apply(yaml, owner, '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('created')]);
    expect((await certfolio(owner, 'schedules', 'list')).stdout).not.toContain('expiring-weekly');
    expect(await apply(yaml)).toMatchObject({ code: 0, stdout: expect.stringContaining('created') });
    expect(await apply(yaml)).toMatchObject({ code: 0, stdout: expect.stringContaining('unchanged') });
    const { stdout } = await certfolio(owner, 'schedules', 'show', 'expiring-weekly');
    expect(stdout).toMatch(/02:30 GMT\+[12]/);
    expect((await certfolio(other, 'schedules', 'list')).stdout).not.toContain('expiring-weekly');
    const taken = await apply(yaml, other);
    expect([taken.code, taken.stderr]).toEqual([expect.any(Number), expect.stringContaining('the name is taken')]);
    expect(taken.code).not.toBe(0);
    expect((await certfolio(other, 'schedules', 'run', 'expiring-weekly')).stderr).toContain('There is no schedule');
  });

  it.each([
    ['template: expiring-soon', 'template: nothing-such', /nothing-such/],
    ['days: 60', 'dayz: 60', /dayz/],
    ['cron: 30 2 * * *', 'cron: 30 25 * * *', /five fields/],
    ['zone: Europe/Berlin', 'zone: Europe/Bern', /time zone/],
    ['to: [share]', 'to: [shere]', /shere/],
    ['to: [share]', 'to: [{ destination: mail, recipients: [x@elsewhere.test] }]', /elsewhere/],
    ['  to: [share]', '  too: [share]', /too/],
  ])('with "%s" as "%s" is refused, and why', async (from, to, why) => {
    const yaml = weekly('wrong', '  to: [share]\n').replace(from, to);
    const { code, stderr } = await apply(yaml);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(why);
    expect((await certfolio(owner, 'schedules', 'list')).stdout).not.toContain('wrong');
  });

  it('does not run with the rights of a key that may do more', async () => {
    const yaml = weekly('wider', '  to: [share]\n');
    const { code, stderr } = await apply(yaml, narrow, '--run-as', 'pki-reports');
    expect([code === 0, stderr]).toEqual([
      false,
      expect.stringMatching(/may do more: it sees rows of the divisions 17/),
    ]);
  });
});

describe('a run', () => {
  let run: Run;
  it('reaches every destination with one snapshot', async () => {
    const { code, stdout, stderr } = await certfolio(owner, 'schedules', 'run', 'expiring-weekly', '--json');
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    run = await shown((JSON.parse(stdout) as Run).id);
    expect(run).toMatchObject({ state: 'DELIVERED', trigger: 'manual', reason: null });
    expect(run.rows).toBeGreaterThan(5);
    expect(run.deliveries.map(({ destination, state }) => [destination, state]).sort()).toEqual([
      ['cmdb', 'delivered'],
      ['mail', 'delivered'],
      ['share', 'delivered'],
    ]);
    expect(run.files.map(({ name }) => name.split('.').at(-1)).sort()).toEqual(['csv', 'gz', 'html', 'xlsx']);
    expect(mailbox.mails).toHaveLength(1);
    expect(mailbox.mails[0]!.raw).toContain('X-Certfolio-Run');
    expect(hook.calls).toHaveLength(1);
    expect(hook.calls[0]!.headers['certfolio-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  });

  it('has the same bytes in the folder, by URL and downloaded, and they are proved by its manifest', async () => {
    const written = (await readdir(join(dir, 'out'), { recursive: true })).filter((name) => name.endsWith('.csv'));
    expect(written).toHaveLength(1);
    const csv = await readFile(join(dir, 'out', written[0]!));
    const file = run.files.find(({ name }) => name.endsWith('.csv'))!;
    expect(sha256(csv)).toBe(file.sha256);
    const get = (key: string) => fetch(product.url + file.path, { headers: { authorization: `Bearer ${key}` } });
    const answer = await get(owner.key);
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(file.sha256);
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    expect([(await get(other.key)).status, (await fetch(product.url + file.path)).status]).toEqual([404, 401]);
    expect(csv.toString().trim().split('\r\n')).toHaveLength(run.rows! + 1);

    const downloaded = await certfolio(owner, 'runs', 'download', run.id, '--out', 'evidence');
    expect(downloaded).toMatchObject({ code: 0, stdout: expect.stringContaining('4 files and manifest.json') });
    expect(await certfolio(owner, 'runs', 'verify', 'evidence/manifest.json')).toMatchObject({ code: 0 });
    await writeFile(join(dir, 'evidence', file.name), 'altered');
    const altered = await certfolio(owner, 'runs', 'verify', 'evidence/manifest.json');
    expect([altered.code === 0, altered.stdout + altered.stderr]).toEqual([false, expect.stringContaining(file.name)]);
  });

  it('fails where a destination refuses it, says why, tells another channel, and sends nothing twice after', async () => {
    await apply(weekly('told', '  to: [share, mail]\n  onFailure: cmdb\n  retries: 0\n'));
    mailbox.isBroken = true;
    const [mails, calls] = [mailbox.mails.length, hook.calls.length];
    const failed = await certfolio(owner, 'schedules', 'run', 'told', '--json');
    expect(failed.code).not.toBe(0);
    const [broken] = await runsOf('told');
    expect(await shown(broken!.id)).toMatchObject({ state: 'FAILED', reason: expect.stringMatching(/mail/) });
    expect((await shown(broken!.id)).deliveries.find(({ destination }) => destination === 'mail')!.error).toMatch(
      /550/,
    );
    expect([mailbox.mails.length, hook.calls.length]).toEqual([mails, calls + 1]);
    expect(hook.calls.at(-1)!.body.toString()).toContain('told');
    mailbox.isBroken = false;
    expect((await certfolio(owner, 'schedules', 'run', 'told', '--json')).code).toBe(0);
    expect([mailbox.mails.length, hook.calls.length]).toEqual([mails + 1, calls + 1]);
  });

  it('is refused when its key is revoked, and goes on when it is handed over', async () => {
    const leaver = await product.createKey({
      name: 'leaver',
      level: 'OPEN',
      owner: 'pki',
      scopes: ['templates:run', 'schedules:write'],
    });
    await apply(weekly('left', '  to: [share]\n  retries: 0\n'), leaver);
    expect((await certfolio(owner, 'keys', 'revoke', leaver.id)).code).not.toBe(0);
    const revoked = await certfolio({ key: product.adminKey }, 'keys', 'revoke', leaver.id);
    expect([revoked.code, revoked.stdout]).toEqual([0, expect.stringContaining('schedules hand-over left KEY')]);
    expect((await certfolio(owner, 'schedules', 'run', 'left')).code).not.toBe(0);
    const [refused] = await runsOf('left');
    expect(refused).toMatchObject({ state: 'FAILED', reason: expect.stringMatching(/revoked/) });
    expect(await certfolio(owner, 'schedules', 'hand-over', 'left', owner.id)).toMatchObject({ code: 0 });
    expect((await certfolio(owner, 'schedules', 'run', 'left')).code).toBe(0);
  });
});

describe('the rights of a run', () => {
  const scopes = ['templates:run', 'schedules:write'];
  const asAdmin = (...args: string[]) => certfolio({ key: product.adminKey }, ...args);

  it('are those of the application that it runs as, also when the key that made the schedule is revoked', async () => {
    const person = await product.createKey({ name: 'person', owner: 'pki', level: 'OPEN', scopes });
    const yaml = weekly('of-the-application', '  to: [share]\n  retries: 0\n');
    expect(await apply(yaml, person, '--run-as', 'pki-reports')).toMatchObject({ code: 0 });
    const { stdout } = await asAdmin('keys', 'revoke', person.id);
    expect(stdout).not.toContain('hand-over');
    expect(await certfolio(owner, 'schedules', 'run', 'of-the-application')).toMatchObject({ code: 0 });
    expect((await certfolio(person, 'schedules', 'run', 'of-the-application')).code).toBe(3);
  });

  it('are looked up at every run: after a scope or a template is taken away the next run refuses, says why and tells the owner', async () => {
    const robot = await product.createKey({ name: 'robot', owner: 'pki', level: 'OPEN', scopes });
    await apply(weekly('narrowed', '  to: [share]\n  onFailure: cmdb\n  retries: 3\n'), robot);
    expect((await certfolio(owner, 'schedules', 'run', 'narrowed')).code).toBe(0);
    const change = 'mutation ($id: ID!, $input: UpdateKeyInput!) { updateKey(id: $id, input: $input) { id } }';
    const update = async (input: object) => dataOf(await product.admin.graphql(change, { id: robot.id, input }));
    const calls = hook.calls.length;
    await update({ scopes: ['schedules:write'] });
    expect((await certfolio(owner, 'schedules', 'run', 'narrowed')).code).not.toBe(0);
    const [refused] = await runsOf('narrowed');
    expect(refused).toMatchObject({
      state: 'FAILED',
      reason: expect.stringMatching(/"robot" has no right to run templates/),
    });
    while (hook.calls.length === calls) await sleep(20);
    expect(JSON.parse(hook.calls.at(-1)!.body.toString())).toMatchObject({
      kind: 'failure',
      headline: refused!.reason,
    });

    await update({ scopes, templates: { names: ['wildcards'] } });
    expect((await certfolio(owner, 'schedules', 'run', 'narrowed')).code).not.toBe(0);
    expect((await runsOf('narrowed'))[0]).toMatchObject({
      state: 'FAILED',
      reason: expect.stringMatching(/"robot" .* may run no template "expiring-soon"/),
    });
    await update({ templates: null });
    expect((await certfolio(owner, 'schedules', 'run', 'narrowed')).code).toBe(0);
  });

  it('narrow the rows of the next run with the divisions of its key', async () => {
    const robot = await product.createKey({ name: 'robot-2', owner: 'pki', level: 'OPEN', scopes });
    await apply(weekly('fewer', '  to: [share]\n'), robot);
    await certfolio(owner, 'schedules', 'run', 'fewer');
    const change = 'mutation ($id: ID!) { updateKey(id: $id, input: { containers: [] }) { id } }';
    dataOf(await product.admin.graphql(change, { id: robot.id }));
    await certfolio(owner, 'schedules', 'run', 'fewer');
    const [narrowed, whole] = await runsOf('fewer');
    expect(whole!.rows).toBeGreaterThan(0);
    expect(narrowed).toMatchObject({ state: 'DELIVERED', rows: 0 });
  });
});

it('runs by itself at its time, once however many gateways there are, and not while it is paused', async () => {
  const every = '- name: minutely\n  template: wildcards\n  cron: "* * * * *"\n  formats: [csv]\n  to: [share]\n';
  await apply(every);
  const paused = every.replace('minutely', 'paused');
  await apply(paused);
  expect((await certfolio(owner, 'schedules', 'pause', 'paused', '--reason', 'holidays')).code).toBe(0);
  // Nobody waits for the next minute.
  const minuteMs = 60_000;
  await product.ask(new Date(Math.ceil(Date.now() / minuteMs) * minuteMs - 1_000).toISOString());
  const until = Date.now() + 75_000;
  let runs: readonly Run[] = [];
  while (Date.now() < until && !runs.some(({ state }) => state === 'DELIVERED')) {
    await sleep(1_000);
    runs = await runsOf('minutely');
  }
  expect(runs[0]).toMatchObject({ state: 'DELIVERED', trigger: 'slot', slot: expect.stringMatching(/:00(\.000)?Z$/) });
  expect(new Set(runs.map(({ slot }) => slot)).size).toBe(runs.length);
  expect(await runsOf('paused')).toEqual([]);
  expect((await certfolio(owner, 'schedules', 'remove', 'minutely')).code).toBe(0);
}, 120_000);
