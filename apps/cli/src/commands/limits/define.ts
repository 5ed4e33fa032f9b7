import type { Command } from 'commander';
import { example, type Begin } from '../define-command.ts';

export function addLimits(program: Command, begin: Begin): void {
  const group = program.command('limits').description('what a key may spend');
  group
    .command('show')
    .argument('[key]', 'id or name of another key; that needs the scope keys:write')
    .description('show the limits of the key in use, and what is left of them now')
    .addHelpText('after', example('certfolio limits show', 'certfolio limits show grafana --json'))
    .action((key: string | undefined, _options, command: Command) =>
      begin(command, async (session) => (await import('./show.ts')).showLimits(key ?? null, session)),
    );
}
