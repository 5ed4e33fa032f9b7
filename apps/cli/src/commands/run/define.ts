import { Option, type Command } from 'commander';
import { collect, example, type Begin } from '../define-command.ts';
import type { ExplainFlags } from '../explain.ts';
import { UsageError } from '../../cli-error.ts';
import { outputFormats, readRunAllOptions, readRunOptions, type RunFlags } from './run-options.ts';

const freshHelp = 'how old the data may be: live, mirror (any age) or seconds; by default as the template says';

export function addRun(program: Command, begin: Begin): void {
  program
    .command('run')
    .argument('[template]', 'name, name@version or any id')
    .description('run a template and print or save its rows')
    .option('--all', 'every template that the key may run, with the defaults of its variables; a line each')
    .option('--var <name=value>', 'a variable; again for more, the same name again for a list', collect)
    .addOption(
      new Option('-o, --output <format>', 'format; by default that of the ending of --out, else table').choices(
        outputFormats,
      ),
    )
    .option('--out <file>', 'write to a file, which is there whole or not at all; with --all a folder')
    .option('--fail-on-rows', 'exit with 10 when there are rows')
    .option('--fresh <age>', freshHelp)
    .addHelpText(
      'after',
      example(
        'certfolio run expiring-soon --var days=30',
        'certfolio run inventory-full --out inventory.csv',
        'certfolio run lapsed-not-renewed --fail-on-rows -o json',
        'certfolio run --all --out reports -o csv',
      ),
    )
    .action((template: string | undefined, flags: RunFlags & { readonly all?: true }, command: Command) => {
      if (flags.all === true) {
        const options = readRunAllOptions(template, flags);
        return begin(command, async (session) => (await import('./run-all.ts')).runAll(options, session));
      }
      if (template === undefined) throw new UsageError('Name a template, or run all of them with --all.');
      return begin(command, async (session) => {
        const options = readRunOptions(flags, session.json);
        return (await import('./run.ts')).run(template, options, session);
      });
    });
}

export function addExplain(program: Command, begin: Begin): void {
  program
    .command('explain')
    .argument('<template>', 'name, name@version or any id')
    .description('tell what a run would take: cost, plan, CertCentral calls, age of the data; spends nothing')
    .option('--var <name=value>', 'a variable; again for more, the same name again for a list', collect)
    .option('--fresh <age>', freshHelp)
    .addHelpText(
      'after',
      example('certfolio explain expiring-soon --var days=30', 'certfolio explain inventory-full --fresh live --json'),
    )
    .action((template: string, flags: ExplainFlags, command: Command) =>
      begin(command, async (session) => (await import('../explain.ts')).explain(template, flags, session)),
    );
}
