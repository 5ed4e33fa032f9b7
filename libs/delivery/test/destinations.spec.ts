import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import S3rver from 's3rver';
import { SMTPServer } from 'smtp-server';
import type { Destination } from '@certfolio/reports';
import {
  HttpCaller,
  createBucketDestination,
  createChatDestination,
  createEmailDestination,
  createFolderDestination,
  createGuardedAgent,
  createWebhookDestination,
  type EmailSettings,
} from '../src/destinations.ts';
import { aDelivery, fileOf, sendTo } from './a-delivery.ts';
import { startReceiver, type ReceivedCall, type Receiver } from './receiver.ts';

const settings = { rules: { allow: ['127.0.0.1'] }, proxy: null, connectTimeoutMs: 1_000 };
const agent = createGuardedAgent(settings);
const http = new HttpCaller(agent, settings);
let folder: string;
const receivers: Receiver[] = [];
const receive = async (...args: Parameters<typeof startReceiver>) => {
  const receiver = await startReceiver(...args);
  receivers.push(receiver);
  return receiver;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certfolio-destinations-'));
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});
afterAll(async () => {
  await agent.close();
  await rm(folder, { recursive: true });
});

const webhook = (url: string, timeoutMs = 2_000, caller = http) =>
  createWebhookDestination({ name: 'cmdb', url, secret: () => 'shared-secret', timeoutMs }, caller);

describe('webhook', () => {
  it('posts what the run is, signed, with a key that is the same for every attempt', async () => {
    const receiver = await receive();
    const receipt = await webhook(`${receiver.url}/hook`).send(aDelivery(), sendTo('webhook'));
    const [call] = receiver.calls;
    expect(receipt).toEqual({ reference: '200', bytes: call!.body.length });
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(call!.headers['certfolio-signature']))!;
    expect(Number(t)).toBe(Date.parse('2026-11-23T06:00:05Z') / 1_000);
    expect(v1).toBe(createHmac('sha256', 'shared-secret').update(`${t}.${call!.body}`).digest('hex'));
    expect(call!.headers).toMatchObject({
      'idempotency-key': 'run-1/webhook',
      'certfolio-run': 'run-1',
      'certfolio-event': 'run.report',
    });
    expect(JSON.parse(call!.body)).toMatchObject({
      runId: 'run-1',
      slot: '2026-11-23T06:00:00.000Z',
      slotLocal: '2026-11-23 07:00 GMT+1 (Europe/Berlin)',
      headline: '2 of 2 rows',
      files: [{ name: 'expiring-soon.csv', bytes: 24 }],
    });
  });

  it.each([
    [500, true],
    [429, true],
    [404, false],
  ])('an answer of %d is a failure that says so; trying again helps: %s', async (status, isTransient) => {
    const receiver = await receive(
      (_call, response) => void response.writeHead(status, { 'retry-after': '7' }).end('no <b>room</b>'),
    );
    await expect(webhook(receiver.url).send(aDelivery(), sendTo('webhook'))).rejects.toMatchObject({
      code: 'DESTINATION_REJECTED',
      isTransient,
      retryAfterMs: 7_000,
      message: `The destination "cmdb" did not take the report: it answered ${status}, "no <b>room</b>".`,
    });
  });

  it('gives up on who does not answer, breaks off, or is not there', async () => {
    const silent = await receive((_call, response) => void response.writeHead(200));
    const slow = webhook(silent.url, 200).send(aDelivery(), sendTo('webhook'));
    await expect(slow).rejects.toMatchObject({ isTransient: true, message: /no answer within 200 ms/ });
    const broken = await receive((_call, response) => void response.destroy());
    await expect(webhook(broken.url).send(aDelivery(), sendTo('webhook'))).rejects.toMatchObject({ isTransient: true });
    await broken.stop();
    await expect(webhook(broken.url).send(aDelivery(), sendTo('webhook'))).rejects.toMatchObject({
      isTransient: true,
      message: /cannot be reached \(ECONNREFUSED\)/,
    });
  });

  it('follows what keeps the body, checks where it leads, and ends', async () => {
    const last = await receive();
    const first = await receive((_call, response) => void response.writeHead(307, { location: '/again' }).end());
    await expect(webhook(first.url).send(aDelivery(), sendTo('webhook'))).rejects.toMatchObject({
      message: /redirects more than 3 times/,
    });
    const away = await receive((_call, response) => void response.writeHead(308, { location: `${last.url}/x` }).end());
    await expect(webhook(away.url).send(aDelivery(), sendTo('webhook'))).rejects.toMatchObject({
      message: /another host without TLS/,
    });
    expect(last.calls).toHaveLength(0);
    const here = await receive(
      (call, response) => call.path === '/' && void response.writeHead(307, { location: '/there' }).end(),
    );
    expect((await webhook(here.url).send(aDelivery(), sendTo('webhook'))).reference).toBe('200');
    expect(here.calls.map(({ path, body }) => [path, body.length > 100])).toEqual([
      ['/', true],
      ['/there', true],
    ]);
  });

  it('goes nowhere that is not public unless it is allowed, by address, by name and by redirect', async () => {
    const strict = { ...settings, rules: { allow: [] } };
    const strictAgent = createGuardedAgent(strict);
    const caller = new HttpCaller(strictAgent, strict);
    const receiver = await receive();
    const { port } = new URL(receiver.url);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0177.0.0.1', '2130706433', '169.254.169.254'])
      await expect(
        webhook(`http://${host}:${port}/`, 2_000, caller).send(aDelivery(), sendTo('webhook')),
      ).rejects.toMatchObject({
        isTransient: false,
        message: /where reports are not sent; an operator can allow it under "egress.allow"/,
      });
    expect(receiver.calls).toHaveLength(0);
    await strictAgent.close();
  });

  it('never shows its secret', async () => {
    const receiver = await receive((_call, response) => void response.writeHead(500).end());
    const error: unknown = await webhook(receiver.url)
      .send(aDelivery(), sendTo('webhook'))
      .catch((each: unknown) => each);
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('shared-secret');
    expect(JSON.stringify(receiver.calls)).not.toContain('shared-secret');
  });
});

describe('chat', () => {
  it.each(['slack', 'teams'] as const)('%s gets a message first, with a link, and no markup of cells', async (kind) => {
    const receiver = await receive();
    const destination = createChatDestination(
      { name: 'ops', kind, webhookUrl: () => `${receiver.url}/secret-path`, timeoutMs: 1_000 },
      http,
    );
    await destination.send(aDelivery(), sendTo('channel'));
    const { body } = receiver.calls[0]!;
    expect(body).toContain('https://reports.test/runs/run-1');
    expect(body).toContain('2 of 2 rows');
    expect(body).not.toContain('<!channel>');
    if (kind === 'slack')
      expect(JSON.parse(body)).toMatchObject({ blocks: [{ type: 'header' }, { type: 'section' }, {}, {}, {}, {}] });
    else expect(JSON.parse(body)).toMatchObject({ attachments: [{ content: { type: 'AdaptiveCard' } }] });
  });

  it('never shows its address, which is the secret', async () => {
    const destination = createChatDestination(
      { name: 'ops', kind: 'slack', webhookUrl: () => 'http://127.0.0.1:1/services/T0/secret-path', timeoutMs: 500 },
      http,
    );
    const error = (await destination.send(aDelivery(), sendTo('channel')).catch((each: unknown) => each)) as Error;
    expect(error.message).not.toContain('secret-path');
  });
});

describe('folder', () => {
  it('has the files of a run whole, at a place that tells schedule, day, slot and run; again is no second one', async () => {
    const destination = createFolderDestination({ name: 'share', path: folder });
    for (let attempt = 0; attempt < 2; attempt += 1) await destination.send(aDelivery(), sendTo('folder'));
    const place = join(folder, 'expiring-daily', '2026-11-23', '0600Z-run-1');
    expect((await readdir(place)).sort()).toEqual(['expiring-soon.csv', 'manifest.json']);
    expect(await readFile(join(place, 'expiring-soon.csv'), 'utf8')).toBe('name,day\r\na,2026-12-01\r\n');
    expect(JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8'))).toMatchObject({
      headline: '2 of 2 rows',
      rows: 2,
      totalRows: 2,
      truncated: false,
      files: [{ name: 'expiring-soon.csv', bytes: 24, sha256: aDelivery().files[0]!.sha256 }],
    });
  });

  it('is not left by any name', async () => {
    const destination = createFolderDestination({ name: 'share', path: folder });
    const evil = aDelivery({ schedule: '..', files: [fileOf('../../evil', 'x'), fileOf('a/../../b', 'x')] });
    await destination.send(evil, sendTo('folder'));
    expect(await readdir(join(folder, '_', '2026-11-23', '0600Z-run-1'))).toEqual([
      '.._.._evil',
      'a_.._.._b',
      'manifest.json',
    ]);
  });

  it('leaves nothing of a file that broke off, and says why it cannot write', async () => {
    const broken = {
      ...fileOf('x.csv', 'abc'),
      async *open(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('a');
        throw new Error('gone');
      },
    };
    const destination = createFolderDestination({ name: 'share', path: folder });
    await expect(
      destination.send(aDelivery({ schedule: 'half', files: [broken] }), sendTo('folder')),
    ).rejects.toMatchObject({ isTransient: true });
    expect(await readdir(join(folder, 'half', '2026-11-23', '0600Z-run-1'))).toEqual([]);
    await symlink('/dev/null', join(folder, 'no-folder'));
    const nowhere = createFolderDestination({ name: 'share', path: join(folder, 'no-folder') });
    await expect(nowhere.send(aDelivery(), sendTo('folder'))).rejects.toMatchObject({
      isTransient: false,
      message: /cannot be written \(ENOTDIR\)/,
    });
  });
});

describe('bucket', () => {
  let server: S3rver;
  let endpoint: string;
  beforeAll(async () => {
    server = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory: join(folder, 's3'),
      configureBuckets: [{ name: 'reports', configs: [] }],
    });
    const { port } = await server.run();
    endpoint = `http://127.0.0.1:${port}`;
  });
  afterAll(() => server.close());
  // The only key that this server knows.
  const bucket = ({ keyId = 'S3RVER', name = 'reports', at = endpoint } = {}) =>
    createBucketDestination(
      {
        name: 'vault',
        endpoint: at,
        region: 'eu-central-1',
        bucket: name,
        prefix: 'certfolio/',
        accessKeyId: () => keyId,
        secretAccessKey: () => 'S3RVER',
        timeoutMs: 5_000,
      },
      http,
    );

  it('has the files and then a manifest with their hashes, also the second time', async () => {
    const delivery = aDelivery({ files: [fileOf('expiring soon+ü.csv', 'a,b\r\n')] });
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect((await bucket().send(delivery, sendTo('bucket'))).reference).toBe(
        'reports/certfolio/expiring-daily/2026-11-23/0600Z-run-1/',
      );
    const place = join(folder, 's3', 'reports', 'certfolio', 'expiring-daily', '2026-11-23', '0600Z-run-1');
    const names = (await readdir(place)).filter((file) => file.endsWith('_object'));
    expect(names.sort()).toEqual(['expiring_soon+_.csv._S3rver_object', 'manifest.json._S3rver_object']);
    const manifest = JSON.parse(await readFile(join(place, 'manifest.json._S3rver_object'), 'utf8'));
    expect(manifest.files).toEqual([
      { name: 'expiring soon+ü.csv', mediaType: 'text/csv', bytes: 5, sha256: delivery.files[0]!.sha256 },
    ]);
  });

  it('says what the service says', async () => {
    await expect(bucket({ keyId: 'wrong' }).send(aDelivery(), sendTo('bucket'))).rejects.toMatchObject({
      isTransient: false,
      message: /answered 403, ".*InvalidAccessKeyId/,
    });
    await expect(bucket({ name: 'nowhere' }).send(aDelivery(), sendTo('bucket'))).rejects.toMatchObject({
      isTransient: false,
      message: /answered 404, ".*NoSuchBucket/,
    });
  });

  it('signs what it sends as version 4 of the signature is described', async () => {
    const receiver = await receive();
    await bucket({ at: receiver.url }).send(aDelivery({ files: [fileOf('a b+ü.csv', 'x')] }), sendTo('bucket'));
    expect(receiver.calls).toHaveLength(2);
    for (const call of receiver.calls)
      expect(call.headers['authorization']).toBe(signatureV4(call, 'S3RVER', 'S3RVER', 'eu-central-1'));
  });
});

/** After docs.aws.amazon.com, "Create a signed AWS API request" (read 2026-11), without the code under test. */
function signatureV4(
  { method, path, headers, body }: ReceivedCall,
  keyId: string,
  secret: string,
  region: string,
): string {
  const instant = String(headers['x-amz-date']);
  const scope = `${instant.slice(0, 8)}/${region}/s3/aws4_request`;
  const names = /SignedHeaders=([^,]+)/.exec(String(headers['authorization']))![1]!;
  const canonical = [
    method,
    path,
    '',
    ...names.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    names,
    createHash('sha256').update(body).digest('hex'),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', instant, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer | string>((derived, step) => createHmac('sha256', derived).update(step).digest(), `AWS4${secret}`);
  return `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${names}, Signature=${createHmac('sha256', key).update(toSign).digest('hex')}`;
}

describe('email', () => {
  const mails: { readonly to: string; readonly raw: string }[] = [];
  let server: SMTPServer;
  let port: number;
  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) =>
        done(
          address.startsWith('gone')
            ? Object.assign(new Error('no such user'), { responseCode: 550 })
            : address.startsWith('busy')
              ? Object.assign(new Error('later'), { responseCode: 451 })
              : null,
        ),
      onData(stream, { envelope }, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push({ to: envelope.rcptTo[0]!.address, raw: Buffer.concat(chunks).toString() });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.server.address() as AddressInfo).port;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
  afterEach(() => void mails.splice(0));

  const email = (overrides: Partial<EmailSettings> = {}): Destination =>
    createEmailDestination({
      name: 'mail',
      host: '127.0.0.1',
      port,
      tls: false,
      allowPlain: true,
      user: null,
      password: null,
      from: 'reports@example.test',
      to: ['pki@example.test'],
      domains: null,
      attachUpToBytes: 1_000,
      timeoutMs: 2_000,
      ...overrides,
    });

  it('has what matters in its body and the file attached, with one id for every attempt', async () => {
    const receipts = [];
    for (let attempt = 0; attempt < 2; attempt += 1)
      receipts.push(await email().send(aDelivery(), sendTo('pki@example.test')));
    expect(receipts[0]).toEqual(receipts[1]);
    const { raw, to } = mails[0]!;
    expect(to).toBe('pki@example.test');
    expect(raw).toMatch(new RegExp(`^Message-ID: ${receipts[0]!.reference}`, 'mi'));
    expect(raw).toContain('Subject: =?UTF-8?Q?Expiring_=3Csoon=3E_=26_=22co=22=3A_2_of?=');
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toContain('filename=expiring-soon.csv');
    expect(raw.replaceAll('=\r\n', '')).toContain('Expiring &#60;soon&#62; &#38;');
  });

  it('links a file that is too large to attach', async () => {
    await email({ attachUpToBytes: 10 }).send(aDelivery(), sendTo('pki@example.test'));
    const text = mails[0]!.raw.replaceAll('=\r\n', '');
    expect(text).not.toContain('filename=');
    expect(text).toContain(
      'The file has 24 bytes, more than the 10 that are attached; fetch it at https://reports.test/runs/run-1.',
    );
  });

  it('goes to addresses of known domains only, and never to two at once', async () => {
    const destination = email({ domains: ['example.test', 'partner.test'] });
    expect(destination.refusalOf('anyone@PARTNER.test')).toBeNull();
    for (const hostile of [
      'a@elsewhere.test',
      'a@example.test, b@example.test',
      'a@example.test\r\nBcc: b@example.test',
      'x',
      '"a b"@example.test',
      '<a@example.test>',
    ])
      await expect(destination.send(aDelivery(), sendTo(hostile))).rejects.toMatchObject({ isTransient: false });
    expect(mails).toHaveLength(0);
  });

  it('tells refusals that stay from those that pass', async () => {
    await expect(email().send(aDelivery(), sendTo('gone@example.test'))).rejects.toMatchObject({
      isTransient: false,
      message: /550/,
    });
    await expect(email().send(aDelivery(), sendTo('busy@example.test'))).rejects.toMatchObject({
      isTransient: true,
      message: /451/,
    });
  });

  it('sends nothing in the clear unless told to', async () => {
    await expect(email({ allowPlain: false }).send(aDelivery(), sendTo('pki@example.test'))).rejects.toMatchObject({
      message: /mail server/,
    });
    expect(mails).toHaveLength(0);
  });

  it('gives up on a server that says nothing, or goes away', async () => {
    const silent: Server = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const destination = email({ port: (silent.address() as AddressInfo).port, timeoutMs: 300 });
    await expect(destination.send(aDelivery(), sendTo('pki@example.test'))).rejects.toMatchObject({
      isTransient: true,
      message: /no answer within 300 ms/,
    });
    await new Promise((resolve) => silent.close(resolve));
    await expect(email({ port: 1 }).send(aDelivery(), sendTo('pki@example.test'))).rejects.toMatchObject({
      isTransient: true,
    });
  });
});
