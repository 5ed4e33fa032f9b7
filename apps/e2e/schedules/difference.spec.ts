import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createStage, dataOf, type ProductProcess } from '../harness/index.ts';
import { startMailbox, type Mailbox } from './receivers.ts';

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let mailbox: Mailbox;

interface Run {
  readonly id: string;
  readonly state: string;
  readonly difference: { readonly added: number; readonly removed: number; readonly changed: number } | null;
  readonly files: readonly { readonly name: string; readonly path: string }[];
}

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-difference-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  mailbox = await startMailbox();
  stage.defer(() => mailbox.stop());
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  mail: { kind: email, host: 127.0.0.1, port: ${mailbox.port}, allowPlain: true, from: certfolio@example.test, to: [pki@example.test] }
egress: { allow: [127.0.0.1] }
`,
  );
  emulator = await stage.emulator({ orders: 120 });
  product = await stage.productOn(emulator, { env: { CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml') } });
}, 300_000);

async function runSchedule(name: string): Promise<Run> {
  const begun = await product.admin.graphql(`mutation { runSchedule(name: "${name}") { id } }`);
  const { id } = dataOf(begun)['runSchedule'] as Run;
  for (;;) {
    const fields = 'id state difference { added removed changed } files { name path }';
    const run = dataOf(await product.admin.graphql(`{ run(id: "${id}") { ${fields} } }`))['run'] as Run;
    if (run.state !== 'QUEUED' && run.state !== 'RUNNING') return run;
    await sleep(100);
  }
}

/** The text part of a mail, lines that were folded for transport put together again. */
function plainTextOf(raw: string): string {
  const [, encoding, body] =
    /content-type: text\/plain[^]*?content-transfer-encoding: (\S+)[^]*?\r\n\r\n([^]*?)\r\n--/i.exec(raw)!;
  const text = encoding!.toLowerCase() === 'base64' ? Buffer.from(body!, 'base64').toString() : body!;
  return text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

it.each([
  // Two templates: rows named by their order, and rows that many share the first column of.
  ['inventory-full', 'order_id'],
  ['wildcards', 'base_domain'],
])(
  'of %s between two runs is the order that changed, the one that was revoked and the new one, in the message and as a file',
  async (template, keyColumn) => {
    const yaml = `- { name: ${template}-daily, template: ${template}, cron: 0 4 29 2 *, to: [mail] }\n`;
    dataOf(await product.admin.graphql('mutation ($yaml: String!) { applySchedules(yaml: $yaml) { name } }', { yaml }));
    const first = await runSchedule(`${template}-daily`);
    expect(first).toMatchObject({ state: 'DELIVERED', difference: null });
    const csvOf = async (run: Run, name: RegExp) => {
      const { path } = run.files.find((file) => name.test(file.name))!;
      return (await product.admin.fetch(path)).text.trim().split('\r\n');
    };
    const before = await csvOf(first, /\.csv$/);
    const titles = before[0]!.split(',');
    const ids = before.slice(1).flatMap((line) => /\b\d{6,}\b/.exec(line) ?? []);

    const { orders } = (await askUpstream(emulator, '/order/certificate?filters[status]=issued&limit=1000')) as {
      orders: { id: number; certificate: { common_name: string; dns_names: string[] } }[];
    };
    const shown = orders.filter(
      ({ id, certificate }) => ids.includes(String(id)) && certificate.dns_names?.[0] === certificate.common_name,
    );
    const [changes, revoked] = [shown[0]!, shown[1]!];
    await emulator.control(`orders/${changes.id}`, {
      method: 'PATCH',
      body: { certificate: { valid_till: '2031-03-04' } },
    });
    await emulator.control(`orders/${revoked.id}`, { method: 'PATCH', body: { status: 'revoked' } });
    const added = (await emulator.control('orders', {
      method: 'POST',
      body: { status: 'issued', certificate: { common_name: '*.new.example.com', dns_names: ['*.new.example.com'] } },
    })) as { id: number };

    const run = await runSchedule(`${template}-daily`);
    expect(run).toMatchObject({ state: 'DELIVERED', difference: { added: 1, removed: 1, changed: 1 } });
    const lines = await csvOf(run, /^difference\.csv$/);
    expect(lines[0]).toBe(['change', 'changed_columns', ...titles].join(','));
    const told = lines.slice(1).map((line) => [line.slice(0, line.indexOf(',')), Number(/\b\d{6,}\b/.exec(line)![0])]);
    expect(told.toSorted()).toEqual(
      [
        ['added', added.id],
        ['before', changes.id],
        ['after', changes.id],
        ['removed', revoked.id],
      ].toSorted(),
    );
    const message = plainTextOf(mailbox.mails.at(-1)!.raw);
    const listed = message
      .split('What changed:')[1]!
      .trim()
      .split(/\r?\n\r?\n/)[0]!
      .split(/\r?\n/);
    expect(listed).toHaveLength(3);
    if (keyColumn === 'order_id')
      expect(listed.map((line) => line.replace(/ \(.*/, '')).toSorted()).toEqual(
        [`added ${added.id}`, `changed ${changes.id}`, `removed ${revoked.id}`].toSorted(),
      );
    expect(listed.filter((line) => /^changed.*valid_till/.test(line))).toHaveLength(1);
  },
  300_000,
);
