import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** Loads the gateway as the apps do, makes one, and tells which of the modules it then has. */
const script = (isLeftOut: boolean) => `
  import { createRequire } from 'node:module';
  process.env.APOLLO_TELEMETRY_DISABLED = 'true';
  ${isLeftOut ? "(await import('@certfolio/execution/leave-out-unused')).leaveOutUnused();" : ''}
  const { ApolloGateway } = await import('@apollo/gateway');
  new ApolloGateway({ supergraphSdl: async () => ({ supergraphSdl: '' }), buildService: () => ({ process: async () => ({}) }) });
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  const packages = ['@opentelemetry/sdk-metrics', '@opentelemetry/resource-detector-aws', 'make-fetch-happen', 'ts-graphviz'];
  console.log(JSON.stringify({
    unused: packages.filter((name) => loaded.some((path) => path.includes('/node_modules/' + name + '/'))),
    used: loaded.some((path) => path.includes('/node_modules/@opentelemetry/api/')),
  }));
`;

async function loadedBy(source: string): Promise<{ readonly unused: readonly string[]; readonly used: boolean }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], {
    cwd: join(import.meta.dirname, '..'),
  });
  return JSON.parse(stdout) as never;
}

it('leaves out what Apollo loads and nobody calls, and nothing else', async () => {
  expect(await loadedBy(script(true))).toEqual({ unused: [], used: true });
});

it('would otherwise be loaded', async () => {
  expect((await loadedBy(script(false))).unused).toHaveLength(4);
});
