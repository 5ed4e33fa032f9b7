import type { Command } from 'commander';
import { UsageError } from '../../cli-error.ts';
import { example, type Begin } from '../define-command.ts';

/** The commands that change what the gateway serves. */
export function addLifecycle(group: Command, begin: Begin): void {
  group
    .command('publish')
    .argument('[dir]', 'folder of templates (CERTFOLIO_TEMPLATES_DIR, else templates)')
    .description('put the versions of a folder into the gateway as drafts, all or none')
    .option('--dry-run', 'check and compare only')
    .addHelpText(
      'after',
      example('certfolio templates publish templates --dry-run', 'certfolio templates publish templates'),
    )
    .action((dir: string | undefined, { dryRun }: { dryRun?: true }, command: Command) =>
      begin(command, async (session) => (await import('./publish.ts')).publishTemplates(dir, dryRun ?? false, session)),
    );
  group
    .command('approve')
    .argument('<template>', 'name@version, an id, or the name when one draft only can be meant')
    .description('let a draft run; from then on its text never changes')
    .option('--note <text>', 'what the review found')
    .option('--sensitive <list>', 'groups of sensitive fields that were looked at: csr,cost,email,customFields')
    .addHelpText(
      'after',
      example(
        'certfolio templates approve expiring-soon@2',
        'certfolio templates approve spend --sensitive cost --note "asked by finance"',
      ),
    )
    .action((ref: string, { note, sensitive }: { note?: string; sensitive?: string }, command: Command) =>
      begin(command, async (session) =>
        (await import('./move.ts')).approveTemplate({ ref, note, sensitive: listOf(sensitive) }, session),
      ),
    );
  group
    .command('deprecate')
    .argument('<template>', 'name@version, an id, or the name when one version only can be meant')
    .description('go on running a template and tell its callers to leave it')
    .option('--note <text>', 'what its callers are told')
    .option('--sunset <day>', 'day on which it is to be retired')
    .addHelpText(
      'after',
      example('certfolio templates deprecate expiring-soon@1 --sunset 2027-03-31 --note "use version 2"'),
    )
    .action((ref: string, { note, sunset }: { note?: string; sunset?: string }, command: Command) =>
      begin(command, async (session) =>
        (await import('./move.ts')).deprecateTemplate({ ref, note, sunset: dayOf(sunset) }, session),
      ),
    );
  group
    .command('retire')
    .argument('<template>', 'name@version, an id, or the name when one version only can be meant')
    .description('refuse a template from now on, for good')
    .option('--note <text>', 'why')
    .addHelpText('after', example('certfolio templates retire expiring-soon@1'))
    .action((ref: string, { note }: { note?: string }, command: Command) =>
      begin(command, async (session) => (await import('./move.ts')).retireTemplate({ ref, note }, session)),
    );
}

function listOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === 'none') return [];
  const members = text.split(',').map((member) => member.trim());
  if (members.includes(''))
    throw new UsageError('--sensitive has an empty member; it takes a list such as email,cost.');
  return members;
}

function dayOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new UsageError(`--sunset takes a day such as 2027-03-31; "${text}" is none.`);
}
