import type { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { buildProgram, exitCodeOfUsage } from './program.ts';
import type { GlobalOptions } from './session.ts';

/** Reads a command line without doing the work; tells what was printed and what would be done. */
async function read(...args: string[]) {
  const printed: string[] = [];
  const started: GlobalOptions[] = [];
  const program = buildProgram({
    version: '1.2.3',
    write: { out: (text) => printed.push(text), err: (text) => printed.push(text) },
    start: async (options) => void started.push(options),
  });
  const error = await program.parseAsync(args, { from: 'user' }).then(
    () => null,
    (thrown: { code: string; message: string }) => thrown,
  );
  return { program, text: printed.join(''), started, error };
}

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const pathOf = (command: Command): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

it('has help with an example for every command, the shared options in it', async () => {
  const paths = leaves((await read()).program).map(pathOf);
  expect(paths.length).toBeGreaterThan(40);
  for (const path of paths) {
    const { text, error } = await read(...path, '--help');
    expect(exitCodeOfUsage(error?.code ?? '')).toBe(0);
    expect(text).toMatch(new RegExp(`Example:\n +\\$ .*certfolio ${path.join(' ')}`));
    expect(text).toContain('--json');
  }
});

describe('shared options', () => {
  it('stand before or after the command', async () => {
    const wanted = [{ json: true, url: 'http://x', keyFile: null, keyStdin: false }];
    expect((await read('--json', '--url', 'http://x', 'keys', 'list')).started).toEqual(wanted);
    expect((await read('keys', 'list', '--url', 'http://x', '--json')).started).toEqual(wanted);
  });

  it('do not name two keys', async () => {
    expect((await read('doctor', '--key-stdin', '--key-file', 'f')).error).toMatchObject({ exitCode: 2 });
  });
});

it('is a usage error to call a group without its command, or with one it has not', async () => {
  for (const args of [['keys'], ['templates', 'lst'], ['run'], ['run', 'x', '-o', 'xml'], ['keys', 'create']]) {
    const { error, started } = await read(...args);
    expect(exitCodeOfUsage(error?.code ?? '')).toBe(2);
    expect(started).toEqual([]);
  }
});
