import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { silentLogger, type UpstreamKey } from '@certfolio/core';
import { systemClock } from '@certfolio/runtime';
import { Accounts } from '../src/index.ts';

/** The account that CertCentral says a key is of; a key that is not here is refused. */
const accountOf = new Map([
  ['own', 1],
  ['same account', 1],
  ['another account', 2],
]);
let server: Server;
let folder: string;
let accounts: Accounts;
let asked: string[];
let status: number;

beforeEach(async () => {
  asked = [];
  status = 200;
  server = createServer((request, response) => {
    const key = String(request.headers['x-dc-devkey']).replaceAll('-', ' ');
    asked.push(key);
    const id = accountOf.get(key);
    const body = id === undefined ? { errors: [{ code: 'access_denied|access_denied_invalid_key' }] } : account(id);
    response.writeHead(id === undefined ? 403 : status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = await mkdtemp(join(tmpdir(), 'certfolio-prove-'));
  accounts = new Accounts({
    accounts: [
      {
        name: 'default',
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/v2`,
        apiKey: () => 'own',
      },
    ],
    version: '0',
    proxy: {},
    dataDir: folder,
    clock: systemClock,
    logger: silentLogger,
    random: () => 0,
    onCall: () => undefined,
    mirror: null,
  });
});

afterEach(async () => {
  await accounts.stop();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const account = (id: number) => ({ id, primary_organization_name: 'Example' });
const prove = (name: string) => {
  const text = name.replaceAll(' ', '-');
  return accounts.proveKey({ id: text, text: () => text } satisfies UpstreamKey, 'default');
};

it('takes a key of the same account, and neither one of another nor one that is refused', async () => {
  expect(await prove('same account')).toBe(true);
  expect(await prove('another account')).toBe(false);
  expect(await prove('nobody')).toBe(false);
  // Which account the own key is of is asked once.
  expect(asked).toEqual(['own', 'same account', 'another account', 'nobody']);
});

it('says nothing of a key when CertCentral fails', async () => {
  await prove('same account');
  status = 404;
  await expect(prove('another account')).rejects.toMatchObject({ code: 'UPSTREAM_REFUSED', upstreamStatus: 404 });
});
