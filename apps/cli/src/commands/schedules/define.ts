import type { Command } from 'commander';
import { example, type Begin } from '../define-command.ts';
import type { ApplyFlags } from './apply.ts';

export function addSchedules(program: Command, begin: Begin): void {
  const group = program.command('schedules').description('reports that run by themselves');
  group
    .command('apply')
    .description('make or change the schedules of a YAML file, all or nothing')
    .requiredOption('-f, --file <file>', 'a list of schedules')
    .option('--label <label>', 'marks all of them as of this file')
    .option('--prune', 'remove those of the label that the file has no longer')
    .option('--run-as <key>', 'id or name of the key whose rights runs have; by default the key in use')
    .option('--dry-run', 'change nothing, print what would be')
    .addHelpText(
      'after',
      example(
        'certfolio schedules apply -f schedules.yaml',
        'certfolio schedules apply -f schedules.yaml --label pki --prune --dry-run',
      ),
    )
    .action((flags: ApplyFlags, command: Command) =>
      begin(command, async (session) => (await import('./apply.ts')).applySchedules(flags, session)),
    );
  group
    .command('list')
    .description('list schedules with their next time')
    .addHelpText('after', example('certfolio schedules list', 'certfolio schedules list --json'))
    .action((_options, command: Command) =>
      begin(command, async (session) => (await import('./list.ts')).listSchedules(session)),
    );
  group
    .command('show')
    .argument('<schedule>', 'name')
    .description('show one schedule: definition, next five times, last runs')
    .addHelpText('after', example('certfolio schedules show expiring-daily'))
    .action((name: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./show.ts')).showSchedule(name, session)),
    );
  group
    .command('pause')
    .argument('<schedule>', 'name')
    .description('stop a schedule; what it would have run meanwhile is never run')
    .option('--until <instant>', 'goes on by itself then, such as 2026-12-27T00:00:00Z')
    .option('--reason <text>', 'shown with the schedule')
    .addHelpText(
      'after',
      example('certfolio schedules pause expiring-daily --until 2027-01-02T00:00:00Z --reason holidays'),
    )
    .action((name: string, flags: { until?: string; reason?: string }, command: Command) =>
      begin(command, async (session) => (await import('./change.ts')).pauseSchedule(name, flags, session)),
    );
  for (const [verb, description] of [
    ['resume', 'let a paused schedule run on, from its next time'],
    ['remove', 'remove a schedule; its runs stay as long as they are to be kept'],
  ] as const)
    group
      .command(verb)
      .argument('<schedule>', 'name')
      .description(description)
      .addHelpText('after', example(`certfolio schedules ${verb} expiring-daily`))
      .action((name: string, _options, command: Command) =>
        begin(command, async (session) => (await import('./change.ts'))[`${verb}Schedule`](name, session)),
      );
  group
    .command('run')
    .argument('<schedule>', 'name')
    .description('run it now, whatever its condition, and wait for the end')
    .option('--only-for <recipient>', 'one of its recipients alone gets it')
    .option('--no-wait', 'print the id of the run and end')
    .addHelpText(
      'after',
      example(
        'certfolio schedules run expiring-daily',
        'certfolio schedules run expiring-daily --only-for me@example.com',
      ),
    )
    .action((name: string, flags: { onlyFor?: string; wait: boolean }, command: Command) =>
      begin(command, async (session) => (await import('./run-now.ts')).runNow(name, flags, session)),
    );
  group
    .command('hand-over')
    .argument('<schedule>', 'name')
    .argument('<key>', 'id or name')
    .description('let it run with the rights, and belong to the owner, of another key')
    .addHelpText('after', example('certfolio schedules hand-over expiring-daily pki-reports'))
    .action((name: string, key: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./change.ts')).handOver(name, key, session)),
    );
  group
    .command('test')
    .argument('<destination>', 'name, as the configuration has it')
    .description('send a test message')
    .option('--recipient <recipient>', 'by default the first of the destination')
    .addHelpText('after', example('certfolio schedules test mail --recipient me@example.com'))
    .action((name: string, flags: { recipient?: string }, command: Command) =>
      begin(command, async (session) => (await import('./change.ts')).testDestination(name, flags.recipient, session)),
    );
}
