import type { Command } from 'commander';
import { collect, example, type Begin } from '../define-command.ts';
import { createLimit } from '../limit-option.ts';
import type { ApproveFlags } from './approve.ts';

export function addSeen(program: Command, begin: Begin): void {
  const group = program
    .command('seen')
    .description('operations without a template that keys of level "audit" ran, and the way to make templates of them');
  group
    .command('list')
    .description('those with most runs first')
    .option('--key <key>', 'id or name of a key; by default all')
    .addOption(createLimit('operations', 50, 1_000))
    .addHelpText('after', example('certfolio seen list', 'certfolio seen list --key reporting'))
    .action((flags: { key?: string; limit: number }, command: Command) =>
      begin(command, async (session) => (await import('./list.ts')).listSeen(flags, session)),
    );
  group
    .command('show')
    .argument('<hash>', 'hash of the operation, or its beginning')
    .description('print one operation')
    .addHelpText('after', example('certfolio seen show 2c26b46b68ff'))
    .action((hash: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./show.ts')).showSeen(hash, session)),
    );
  group
    .command('approve')
    .argument('<hash>', 'hash of the operation, or its beginning')
    .description('make an approved template of an operation')
    .requiredOption('--name <name>', 'name of the template')
    .option('--owner <owner>', 'application or team; by default the owner of the key in use')
    .option('--title <title>', 'by default the name')
    .option('--question <question>', 'the question that its rows answer')
    .option('--description <text>', 'more about it')
    .option('--tag <tag>', 'may be given again', collect)
    .option('--print', 'only print the two files, for a folder of templates')
    .addHelpText(
      'after',
      example(
        'certfolio seen approve 2c26b46b68ff --name expiring-web --owner web',
        'certfolio seen approve 2c26b46b68ff --name expiring-web --print',
      ),
    )
    .action((hash: string, flags: ApproveFlags, command: Command) =>
      begin(command, async (session) => (await import('./approve.ts')).approveSeen(hash, flags, session)),
    );
}
