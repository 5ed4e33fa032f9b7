import { Option, type Command } from 'commander';
import { example, type Begin } from '../define-command.ts';
import { createLimit } from '../limit-option.ts';
import type { AuditFilterFlags } from './filter-flags.ts';
import type { ListFlags } from './list.ts';
import type { VerifyFlags } from './verify.ts';

export function addAudit(program: Command, begin: Begin): void {
  const group = program.command('audit').description('who did what: the log of requests and administrative acts');
  const filtered = (command: Command) =>
    command
      .option('--since <when>', 'an instant, a day, or an expression such as today-7d, in UTC')
      .option('--until <when>', 'an instant, or the last day, in UTC')
      .option('--key <key>', 'id or name of a key')
      .option('--template <name>', 'name or name@version');
  filtered(
    group
      .command('list')
      .description('the newest entries, the newest first')
      .addOption(createLimit('entries', 50, 1_000)),
  )
    .addHelpText('after', example('certfolio audit list', 'certfolio audit list --key grafana --since today-7d'))
    .action((flags: ListFlags, command: Command) =>
      begin(command, async (session) => (await import('./list.ts')).listEntries(flags, session)),
    );
  group
    .command('verify')
    .description('walk the whole log and name the first entry that was altered, removed or moved')
    .option('--expect <hash>', 'hash of an entry, kept elsewhere, that has to be in the log')
    .addHelpText('after', example('certfolio audit verify', 'certfolio audit verify --expect "$(cat head.txt)"'))
    .action((flags: VerifyFlags, command: Command) =>
      begin(command, async (session) => (await import('./verify.ts')).verify(flags, session)),
    );
  filtered(group.command('export').description('all entries, the oldest first, as lines of JSON'))
    .addOption(new Option('-o, --output <format>', 'format').choices(['ndjson']).default('ndjson'))
    .option('--out <file>', 'write to a file, whole or not at all')
    .addHelpText('after', example('certfolio audit export --since 2026-01-01 -o ndjson > audit.ndjson'))
    .action((flags: AuditFilterFlags & { out?: string }, command: Command) =>
      begin(command, async (session) => (await import('./export.ts')).exportEntries(flags, session)),
    );
}
