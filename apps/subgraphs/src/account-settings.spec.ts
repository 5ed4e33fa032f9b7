import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { parseConfiguration, SettingsError } from '@certfolio/runtime';
import { baseUrlProblems, configuredAccounts, openAccounts } from './account-settings.ts';

const clock = new FakeClock();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certfolio-accounts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function configured(lines: readonly string[], variables: Record<string, string> = {}) {
  const file = join(folder, 'certfolio.yaml');
  writeFileSync(file, ['accounts:', ...lines].join('\n'));
  return parseConfiguration({
    CERTFOLIO_CONFIG: file,
    CERTFOLIO_DATA_DIR: folder,
    CERTCENTRAL_API_KEY: 'of-the-environment',
    ...variables,
  });
}

const openAll = (configuration: ReturnType<typeof configured>) =>
  openAccounts({
    configuration,
    accounts: configuredAccounts(configuration, clock),
    version: '0',
    clock,
    logger: silentLogger,
    onCall: () => undefined,
    mirror: null,
  });

it('a key in a file is read again once it has changed', async () => {
  const file = join(folder, 'key');
  writeFileSync(file, 'first\n');
  const [, europe] = configuredAccounts(configured(['  europe: { apiKeyFile: key, baseUrl: eu }']), clock);
  expect(europe!.apiKey()).toBe('first');
  writeFileSync(file, 'second\n');
  utimesSync(file, new Date(), new Date(Date.now() + 5_000));
  await clock.advance(1_500);
  expect(europe!.apiKey()).toBe('second');
});

it('the client of an account has its budget and zone', async () => {
  const lines = [
    '  europe:',
    '    apiKeyEnv: EUROPE',
    '    reportZone: America/Denver',
    '    budget: [{ calls: 7, windowMs: 5000 }, { calls: 70, windowMs: 180000 }]',
  ];
  const configuration = configured(lines, { EUROPE: 'k', HTTPS_PROXY: 'http://user:secret@proxy.test:3128' });
  expect(configuredAccounts(configuration, clock)[1]!.client).toEqual({
    windows: [
      { calls: 7, windowMs: 5_000 },
      { calls: 70, windowMs: 180_000 },
    ],
    reportZone: 'America/Denver',
  });
  const accounts = openAll(configuration);
  expect(accounts.names()).toEqual(['default', 'europe']);
  const calls = (account: string) =>
    accounts
      .clientOf(account)
      .budgetState()
      .used.map(({ window }) => window.calls);
  expect([calls('default'), calls('europe')]).toEqual([
    [95, 980],
    [7, 70],
  ]);
  expect(accounts.proxyOf('europe')).toBe('http://proxy.test:3128');
  await accounts.stop();
});

it('one key under two names is refused: each would spend all of its calls', () => {
  expect(() => openAll(configured(['  twin: { apiKeyEnv: TWIN }'], { TWIN: 'of-the-environment' }))).toThrow(
    SettingsError,
  );
});

it('an address over which the key would travel in clear text is named by its line', () => {
  const configuration = configured(['  europe: { apiKeyEnv: E, baseUrl: "http://a.test/services/v2" }'], { E: 'k' });
  expect(baseUrlProblems(configuration)).toEqual([
    {
      name: `${join(folder, 'certfolio.yaml')}:2 accounts.europe`,
      problem: '"http://a.test" is not https: the key would travel in clear text.',
    },
  ]);
});
