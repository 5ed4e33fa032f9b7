import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseConfiguration } from './configuration.ts';
import { SettingsError } from './settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certfolio-destinations-'));
  writeFileSync(join(folder, 'secret'), 'x');
  writeFileSync(join(folder, 'empty'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(yaml: string) {
  const path = join(folder, 'certfolio.yaml');
  writeFileSync(path, yaml);
  return parseConfiguration({ CERTFOLIO_CONFIG: path });
}

function problemsOf(yaml: string): readonly string[] {
  try {
    read(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(
      ({ name, problem }) => `${name.replace(folder, '').replace(/^.*certfolio.yaml/, 'certfolio.yaml')}: ${problem}`,
    );
  }
}

describe('destinations', () => {
  it('are read by name, with the files beside the configuration and defaults where nothing is said', () => {
    const { destinations, egress } = read(`
destinations:
  share: { kind: folder, path: out }
  vault: { kind: bucket, endpoint: 'https://s3.test', bucket: reports, prefix: certs, accessKeyIdFile: secret, secretAccessKeyFile: secret }
  mail: { kind: email, host: smtp.test, from: reports@example.test, to: [pki@example.test] }
  cmdb: { kind: webhook, url: 'https://cmdb.test/hook', secretFile: secret, timeoutMs: 5000 }
  ops: { kind: slack, webhookUrlFile: secret }
egress: { allow: [10.1.0.0/16, hooks.internal] }
`);
    const secret = join(folder, 'secret');
    expect(destinations).toEqual([
      { name: 'share', kind: 'folder', path: join(folder, 'out') },
      {
        name: 'vault',
        kind: 'bucket',
        endpoint: 'https://s3.test',
        region: 'us-east-1',
        bucket: 'reports',
        prefix: 'certs/',
        accessKeyIdFile: secret,
        secretAccessKeyFile: secret,
        timeoutMs: 30_000,
      },
      {
        name: 'mail',
        kind: 'email',
        host: 'smtp.test',
        port: 587,
        tls: false,
        allowPlain: false,
        user: null,
        passwordFile: null,
        from: 'reports@example.test',
        to: ['pki@example.test'],
        domains: null,
        attachUpToBytes: 5_000_000,
        timeoutMs: 30_000,
      },
      { name: 'cmdb', kind: 'webhook', url: 'https://cmdb.test/hook', secretFile: secret, timeoutMs: 5_000 },
      { name: 'ops', kind: 'slack', webhookUrlFile: secret, timeoutMs: 30_000 },
    ]);
    expect(egress).toEqual({ allow: ['10.1.0.0/16', 'hooks.internal'] });
  });

  it('name everything that is wrong, where it stands, and no value', () => {
    expect(
      problemsOf(`destinations:
  Bad Name: { kind: folder, path: out }
  a: { kind: carrier-pigeon }
  b: { kind: webhook, url: 'ftp://x', secretFile: nowhere }
  c: { kind: email, host: smtp.test, from: 'a@b.test, c@d.test', user: me }
  d: { kind: slack, webhookUrlFile: empty, timeoutMs: 5 }
  e: { kind: slack, webhookUrl: 'https://hooks.test/secret' }
  __proto__: { kind: folder }
egress: { deny: [] }
`),
    ).toEqual([
      'certfolio.yaml:2 destinations.Bad Name: is no name of a destination: small letters, digits and "-", a letter first',
      'certfolio.yaml:3 destinations.a.kind: must be one of folder, bucket, email, webhook, slack, teams',
      'certfolio.yaml:4 destinations.b.url: must be an http or https address',
      'certfolio.yaml:5 destinations.c.from: must be an e-mail address',
      'certfolio.yaml:6 destinations.d.timeoutMs: must be at least 100',
      'certfolio.yaml:7 destinations.e.webhookUrl: is not known; there are webhookUrlFile, timeoutMs',
      'certfolio.yaml:7 destinations.e.webhookUrlFile: must be the name of a file',
      'certfolio.yaml:8 destinations.__proto__: is no name of a destination: small letters, digits and "-", a letter first',
      'certfolio.yaml:9 egress.deny: is not known; there are allow',
    ]);
  });

  it('need the files that they name', () => {
    expect(
      problemsOf(
        'destinations:\n  a: { kind: slack, webhookUrlFile: nowhere }\n  b: { kind: slack, webhookUrlFile: empty }\n  c: { kind: email, host: x, from: a@b.test, user: me }\n',
      ),
    ).toEqual([
      'certfolio.yaml:2 destinations.a.webhookUrlFile: names a file that cannot be read',
      'certfolio.yaml:3 destinations.b.webhookUrlFile: names a file that holds no secret',
      'certfolio.yaml:4 destinations.c: needs user and passwordFile together, or neither',
    ]);
  });
});
