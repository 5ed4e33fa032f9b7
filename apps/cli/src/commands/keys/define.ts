import { Option, type Command } from 'commander';
import { keyLevels, keyScopes, restRights } from '@certfolio/core';
import { collect, example, type Begin } from '../define-command.ts';
import type { ApplyFlags } from './apply/apply.ts';
import type { CreateFlags, UpdateFlags } from './create-options.ts';
import type { RotateFlags } from './rotate.ts';

export function addKeys(program: Command, begin: Begin): void {
  const group = program.command('keys').description('the keys that callers send');
  group
    .command('create')
    .description('make a key; it is printed once')
    .requiredOption('--name <name>', 'what it is for; no two valid keys have the same name')
    .option('--owner <owner>', 'application or team; by default the owner of the key in use')
    .addOption(new Option('--level <level>', 'what it may send (listed when absent)').choices(keyLevels))
    .option('--templates <list>', 'a,b · tag:x · all · none; by default all')
    .option('--tier <name>', 'named limits of the configuration, in place of the four that follow')
    .option('--rate <n>', 'requests per minute')
    .option('--burst <n>', 'requests at one instant; by default as --rate')
    .option('--rows <n>', 'rows per run')
    .option('--concurrent <n>', 'requests at the same time')
    .option('--cost <n>', 'points of cost per minute')
    .option('--expires <when>', 'a day, an instant, or a time from now such as 90d')
    .option('--containers <ids>', 'division ids 1,2 · none; by default all')
    .option('--fields <list>', 'sensitive fields csr,cost,email,customFields · none; by default all')
    .option('--scopes <list>', `${keyScopes.join(', ')} · none; by default templates:run`)
    .option('--account <name>', 'upstream account; by default that of the key in use')
    .option('--url-for <template>', 'make a key for the URL of this one report, and print that URL')
    .option('--var <name=value>', 'fix a variable of that report; again for more', collect)
    .addOption(
      new Option(
        '--rest <right>',
        'at the REST façade; by default write for adopted and admin keys, else by level',
      ).choices(restRights),
    )
    .option('--adopt', 'let the CertCentral key on standard input open it as well')
    .addHelpText(
      'after',
      example(
        'certfolio keys create --name grafana --owner sre --level id-only --templates tag:daily --expires 90d',
        'certfolio keys create --name ci --json',
        'certfolio keys create --name sheet --url-for expiring-soon --var days=30 --expires 1w',
        'certfolio keys create --name old-script --level audit --adopt < certcentral-key.txt',
      ),
    )
    .action((flags: CreateFlags, command: Command) =>
      begin(command, async (session) => (await import('./create.ts')).createKey(flags, session)),
    );
  group
    .command('apply')
    .requiredOption('-f, --file <file>', 'keys and limits as YAML')
    .option('--prune', 'revoke keys of the same "managedBy" that the file no longer has')
    .option('--dry-run', 'print what would be done')
    .option('--secrets-dir <folder>', 'write each new key to a file of its own instead of printing it')
    .description('make keys as a file says; a second time nothing is left to do')
    .addHelpText(
      'after',
      example(
        'certfolio keys apply -f keys.yaml --dry-run',
        'certfolio keys apply -f keys.yaml --prune --secrets-dir new',
      ),
    )
    .action((flags: ApplyFlags, command: Command) =>
      begin(command, async (session) => (await import('./apply/apply.ts')).applyKeys(flags, session)),
    );
  group
    .command('update')
    .argument('<key>', 'id or name')
    .description('change what a key may do; what is not said stays')
    .option('--new-name <name>', 'what it is called from now on')
    .option('--owner <owner>', 'application or team')
    .addOption(new Option('--level <level>', 'what it may send').choices(keyLevels))
    .option('--templates <list>', 'a,b · tag:x · all · none')
    .option('--tier <name>', 'named limits of the configuration; none: those of its own, as they are now')
    .option('--rate <n>', 'requests per minute')
    .option('--burst <n>', 'requests at one instant')
    .option('--rows <n>', 'rows per run')
    .option('--concurrent <n>', 'requests at the same time')
    .option('--expires <when>', 'a day, an instant, a time from now such as 90d, or never')
    .option('--containers <ids>', 'division ids 1,2 · none · all')
    .option('--fields <list>', 'sensitive fields csr,cost,email,customFields · none · all')
    .option('--scopes <list>', `${keyScopes.join(', ')} · none`)
    .option('--account <name>', 'upstream account')
    .option('--var <name=value>', 'fix these variables and no others; again for more', collect)
    .addOption(new Option('--rest <right>', 'at the REST façade').choices([...restRights, 'default']))
    .addHelpText('after', example('certfolio keys update grafana --rate 120', 'certfolio keys update ci --expires 90d'))
    .action((id: string, flags: UpdateFlags, command: Command) =>
      begin(command, async (session) => (await import('./update.ts')).updateKey(id, flags, session)),
    );
  group
    .command('rotate')
    .argument('<key>', 'id or name')
    .description('make a new secret of a key and print it once; the former works a while longer')
    .option('--overlap <time>', 'how long both work: 0, 30m, 24h, 7d', '7d')
    .option('--adopted', 'end adopted CertCentral keys as well')
    .addHelpText('after', example('certfolio keys rotate grafana', 'certfolio keys rotate ci --overlap 0 --json'))
    .action((id: string, flags: RotateFlags, command: Command) =>
      begin(command, async (session) => (await import('./rotate.ts')).rotateKey(id, flags, session)),
    );
  group
    .command('adopt')
    .argument('<key>', 'id or name')
    .description('let the CertCentral key on standard input open a key; only its SHA-256 is sent')
    .addHelpText('after', example('certfolio keys adopt old-script < certcentral-key.txt'))
    .action((id: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./adopt.ts')).adoptKey(id, session)),
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
