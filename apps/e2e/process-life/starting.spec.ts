import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { spawnCertfolio, startCertfolio } from '@certfolio/testing';
import { createCaller } from '../harness/index.ts';
import { createLife, expectNoProcessOf } from './life.ts';

const root = join(import.meta.dirname, '../../..');
const life = createLife();

describe('wrong settings', () => {
  it('stop the start with one message that lists every problem and no value', async () => {
    const secrets = {
      CERTFOLIO_ADMIN_KEY: 'short-secret',
      CERTFOLIO_DATABASE_URL: 'mysql://root:hunter2@db/x',
      CERTFOLIO_REDIS_URL: 'http://:hunter3@redis',
    };
    const { code, stdout, stderr } = await spawnCertfolio({
      env: {
        ...secrets,
        CERTFOLIO_DATA_DIR: life.folder('wrong'),
        PORT: '99999',
        LOG_LEVEL: 'loud',
        EMULATOR_ORDERS: 'many',
        CERTFOLIO_TLS_CERT: '/nowhere/cert.pem',
        CERTFOLIO_SUBGRAPHS: 'orders,nothing',
        CERTFOLIO_SUBGRAPH_URLS: 'team=http://user:hunter4@host:port',
        CERTFOLIO_REQUEST_TIMEOUT_MS: '5',
        CERTCENTRAL_API_KEY: 'hunter5',
        CERTCENTRAL_API_KEY_FILE: '/nowhere/key',
        CERTFOLIO_PASSTHROUGH: 'maybe',
        CERTCENTRAL_BASE_URL: 'http://a.public.test/services/v1',
      },
    }).ended;
    expect([code, stdout]).toEqual([1, '']);
    const names = stderr.split('\n').flatMap((line) => /^ {2}(\w+): /.exec(line)?.[1] ?? []);
    expect(new Set(names)).toEqual(
      new Set([
        ...Object.keys(secrets),
        ...[
          'PORT',
          'LOG_LEVEL',
          'EMULATOR_ORDERS',
          'CERTFOLIO_TLS_CERT',
          'CERTFOLIO_SUBGRAPHS',
          'CERTFOLIO_SUBGRAPH_URLS',
        ],
        ...[
          'CERTFOLIO_REQUEST_TIMEOUT_MS',
          'CERTCENTRAL_API_KEY',
          'CERTCENTRAL_API_KEY_FILE',
          'CERTFOLIO_PASSTHROUGH',
          'CERTCENTRAL_BASE_URL',
          'CERTFOLIO_INTERNAL_SECRET',
        ],
      ]),
    );
    expect(stderr).not.toMatch(/hunter|short-secret/);
    expect(existsSync(life.folder('wrong'))).toBe(false);
  });

  it('that only the start can find end it with one sentence', async () => {
    const taken = await life.start(life.folder('taken'));
    const { port } = new URL(taken.url);
    const port1 = 'postgres://nobody:hunter2@127.0.0.1:1/none';
    const cases: [Record<string, string>, RegExp][] = [
      [{ PORT: port }, new RegExp(port)],
      [{ CERTFOLIO_DATABASE_URL: port1 }, /database|ECONNREFUSED/i],
    ];
    for (const [env, says] of cases) {
      const dataDir = life.folder(`start-${cases.findIndex(([each]) => each === env)}`);
      const { code, stdout, stderr } = await life.spawn(dataDir, env).ended;
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/hunter2|\n\s+at /);
      await expectNoProcessOf(dataDir);
    }
    await taken.stop();
  });
});

const olderNode = ['/usr/local/bin/node', '/usr/bin/node'].find(
  (path) => existsSync(path) && Number(/^v(\d+)/.exec(execFileSync(path, ['--version']).toString())?.[1]) < 24,
);
(olderNode === undefined ? describe.skip : describe)('under an older Node of the machine', () => {
  it.each(['standalone', 'gateway', 'subgraphs'])('%s says one sentence and ends with 1', async (app) => {
    const child = spawn(olderNode!, [join(root, 'apps', app, 'main.mjs')], { env: { PATH: '/usr/bin:/bin' } });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Certfolio needs Node 24 or newer and this is \d+\.\d+\.\d+;[^\n]*\n$/);
  });
});

const hasCurl = ['/usr/bin/curl', '/bin/curl', '/usr/local/bin/curl'].some((path) => existsSync(path));
(hasCurl ? describe : describe.skip)('the greeting (needs curl)', () => {
  it('its three commands work when they are pasted, with the key it shows once', async () => {
    const dataDir = life.folder('greeting');
    const first = await startCertfolio({ env: { EMULATOR_ORDERS: '200', CERTFOLIO_DATA_DIR: dataDir } });
    const exportLine = /^ {2}(export CERTFOLIO_KEY=cfk_\S+)$/m.exec(first.stdout())?.[1];
    expect(exportLine).toBeDefined();
    expect(first.stdout().match(/cfk_/g)).toHaveLength(1);
    const commands = first
      .stdout()
      .split('\n')
      .flatMap((line) => /^ {2}(curl .*)$/.exec(line)?.[1] ?? []);
    expect(commands).toHaveLength(3);
    const paste = (command: string) =>
      execFileSync('bash', ['-c', `${exportLine}\n${command}`], {
        env: { PATH: '/usr/bin:/bin:/usr/local/bin' },
        stdio: ['ignore', 'pipe', 'pipe'],
      }).toString();
    const byHash = JSON.parse(paste(commands[0]!));
    expect(byHash.data.orders.nodes).toBeInstanceOf(Array);
    expect(paste(commands[1]!)).toMatch(/^\ufeff?order_id,common_name,/);
    const typed = JSON.parse(paste(commands[2]!));
    expect([typed.errors, typed.data.orders.nodes.length]).toEqual([undefined, 5]);

    const key = exportLine!.split('=')[1]!;
    expect(first.stderr()).not.toContain(key);
    await first.stop();
    const second = await startCertfolio({ env: { EMULATOR_ORDERS: '200', CERTFOLIO_DATA_DIR: dataDir } });
    expect(second.stdout()).not.toContain('cfk_');
    expect((await createCaller(second.url, key).report('expiring-soon.json')).status).toBe(200);
    await second.stop();
  });
});
