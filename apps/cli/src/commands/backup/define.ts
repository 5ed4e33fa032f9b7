import type { Command } from 'commander';
import { example, type Begin } from '../define-command.ts';

export function addBackup(program: Command, begin: Begin): void {
  program
    .command('backup')
    .argument('<file>', 'where it goes; - for standard output')
    .description('write everything the gateway keeps to one file: keys, audit log, settings, mirror and its history')
    .option('--without-mirror', 'leave out what can be read again from CertCentral')
    .addHelpText(
      'after',
      example('certfolio backup certfolio.backup', 'certfolio backup - --without-mirror | age -r … > safe'),
    )
    .action((file: string, flags: { withoutMirror?: true }, command: Command) =>
      begin(command, async (session) => (await import('./backup.ts')).backup(file, flags, session)),
    );
  program
    .command('restore')
    .argument('<file>', 'a backup; - for standard input')
    .description('replace everything the gateway keeps by a backup, all of it or nothing')
    .option('--replace', 'also when the gateway has keys or other content of its own, which are lost')
    .addHelpText('after', example('certfolio restore certfolio.backup', 'certfolio restore certfolio.backup --replace'))
    .action((file: string, flags: { replace?: true }, command: Command) =>
      begin(command, async (session) => (await import('./restore.ts')).restore(file, flags, session)),
    );
}
