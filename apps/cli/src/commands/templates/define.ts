import { Option, type Command } from 'commander';
import { example, type Begin } from '../define-command.ts';
import { addLifecycle } from './lifecycle.ts';
import type { ImportFlags } from './import.ts';

export function addTemplates(program: Command, begin: Begin): void {
  const group = program.command('templates').description('the templates of the gateway, or of a folder');
  group
    .command('list')
    .description('list the templates that the key may run')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices(['draft', 'approved', 'deprecated', 'retired']),
    )
    .addHelpText('after', example('certfolio templates list', 'certfolio templates list --state deprecated --json'))
    .action(({ state }: { state?: string }, command: Command) =>
      begin(command, async (session) => (await import('./list.ts')).listTemplates(state ?? null, session)),
    );
  group
    .command('show')
    .argument('<template>', 'name, name@version or any id')
    .description('show one template: variables, columns, ids, text')
    .addHelpText(
      'after',
      example('certfolio templates show expiring-soon', 'certfolio templates show expiring-soon@2 --json'),
    )
    .action((ref: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./show.ts')).showTemplate(ref, session)),
    );
  group
    .command('check')
    .argument('[dir]', 'folder of templates (CERTFOLIO_TEMPLATES_DIR, else templates)')
    .description('check a folder as publishing would; needs no server')
    .addHelpText('after', example('certfolio templates check templates'))
    .action((dir: string | undefined, _options, command: Command) =>
      begin(command, async (session) => (await import('./check.ts')).checkTemplates(dir, session)),
    );
  addLifecycle(group, begin);
  group
    .command('diff')
    .argument('<template>', 'name, name@version or any id; or a folder alone')
    .argument('[other]', 'another version, or a folder; by default the version before is what it is held against')
    .description('tell two versions apart, or a folder from what is in place, and what breaks callers')
    .addHelpText(
      'after',
      example(
        'certfolio templates diff expiring-soon@1 expiring-soon@2',
        'certfolio templates diff expiring-soon templates',
        'certfolio templates diff templates --json',
      ),
    )
    .action((first: string, second: string | undefined, _options, command: Command) =>
      begin(command, async (session) => (await import('./diff.ts')).diffTemplates(first, second, session)),
    );
  group
    .command('import')
    .argument('<manifest>', 'of Apollo, graphql-codegen or Relay: what the client was built with')
    .description('add the ids that a client sends to the templates whose text they are')
    .option('--dry-run', 'say what would be done')
    .option('--as-drafts', 'make drafts of operations that are no template')
    .option('--owner <owner>', 'who the drafts belong to')
    .option('--out <dir>', 'write the drafts as files there instead of giving them to the gateway')
    .addHelpText(
      'after',
      example(
        'certfolio templates import persisted-query-manifest.json --dry-run',
        'certfolio templates import persisted-documents.json --as-drafts --owner sre --out drafts',
      ),
    )
    .action((file: string, flags: ImportFlags, command: Command) =>
      begin(command, async (session) => (await import('./import.ts')).importManifest(file, flags, session)),
    );
}
