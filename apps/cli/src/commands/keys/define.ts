import { Option, type Command } from 'commander';
import { keyLevels, keyScopes } from '@certfolio/core';
import { example, type Begin } from '../define-command.ts';
import type { CreateFlags } from './create-options.ts';

export function addKeys(program: Command, begin: Begin): void {
  const group = program.command('keys').description('the keys that callers send');
  group
    .command('create')
    .description('make a key; it is printed once')
    .requiredOption('--name <name>', 'what it is for; no two valid keys have the same name')
    .option('--owner <owner>', 'application or team; by default the owner of the key in use')
    .addOption(new Option('--level <level>', 'what it may send (listed when absent)').choices(keyLevels))
    .option('--templates <list>', 'a,b · tag:x · all · none; by default all')
    .option('--rate <n>', 'requests per minute')
    .option('--burst <n>', 'requests at one instant; by default as --rate')
    .option('--cost <n>', 'points of cost per minute')
    .option('--expires <when>', 'a day, an instant, or a time from now such as 90d')
    .option('--containers <ids>', 'division ids 1,2 · none; by default all')
    .option('--fields <list>', 'sensitive fields csr,cost,email,customFields · none; by default all')
    .option('--scopes <list>', `${keyScopes.join(', ')} · none; by default templates:run`)
    .option('--account <name>', 'upstream account; by default that of the key in use')
    .addHelpText(
      'after',
      example(
        'certfolio keys create --name grafana --owner sre --level id-only --templates tag:daily --expires 90d',
        'certfolio keys create --name ci --json',
      ),
    )
    .action((flags: CreateFlags, command: Command) =>
      begin(command, async (session) => (await import('./create.ts')).createKey(flags, session)),
    );
  group
    .command('list')
    .description('list all keys, never their secrets')
    .addHelpText('after', example('certfolio keys list', 'certfolio keys list --json'))
    .action((_options, command: Command) =>
      begin(command, async (session) => (await import('./list.ts')).listKeys(session)),
    );
  group
    .command('show')
    .argument('<key>', 'id or name')
    .description('show one key: what it may do, for which upstream account')
    .addHelpText('after', example('certfolio keys show grafana', 'certfolio keys show 7Hq2LmP0aZ --json'))
    .action((id: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./show.ts')).showKey(id, session)),
    );
  group
    .command('revoke')
    .argument('<key>', 'id or name')
    .description('refuse a key from now on')
    .addHelpText('after', example('certfolio keys revoke 7Hq2LmP0aZ', 'certfolio keys revoke grafana'))
    .action((id: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./revoke.ts')).revokeKey(id, session)),
    );
}
