import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

/** What a process of its own writes: a logger writes to the standard error of its process. */
function outputOf(level: string, statements: string) {
  const url = new URL('./logger.ts', import.meta.url).href;
  const code = `const { createLogger } = await import(${JSON.stringify(url)}); const logger = createLogger('${level}', { app: 'test' }); ${statements}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return {
    stdout,
    lines: stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>])),
  };
}

it('writes one JSON line each to standard error, from its level on', () => {
  const { stdout, lines } = outputOf(
    'info',
    "logger.debug({}, 'no'); logger.info({ requestId: 'r1' }, 'told'); logger.error({ err: new Error('boom') }, 'failed');",
  );
  expect(stdout).toBe('');
  expect(lines).toMatchObject([
    { app: 'test', requestId: 'r1', msg: 'told', time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/) },
    { app: 'test', msg: 'failed', err: { message: 'boom' } },
  ]);
  expect(outputOf('silent', "logger.error({}, 'no');").lines).toEqual([]);
});

it('hides what stands under the name of a secret', () => {
  const facts = {
    authorization: 'S',
    apiKey: 'S',
    'x-dc-devkey': 'S',
    headers: { 'x-dc-devkey': 'S', cookie: 'S', accept: 'json' },
    settings: { password: 'S', token: 'S', secret: 'S', key: 'S' },
    keyId: 'shown',
  };
  const { lines } = outputOf('info', `logger.info(${JSON.stringify(facts)}, 'told');`);
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines[0])).not.toMatch(/"S"/);
  expect(lines[0]).toMatchObject({ keyId: 'shown', headers: { accept: 'json' } });
});
