import { Command, Option } from 'commander';
import { exitCodes } from '@certfolio/client';
import { keyLevels, keyScopes } from '@certfolio/core';
import type { DoctorFlags } from './commands/doctor/doctor.ts';
import type { CreateFlags } from './commands/keys/create-options.ts';
import type { ExplainFlags } from './commands/explain.ts';
import { outputFormats, readRunOptions, type RunFlags } from './commands/run/run-options.ts';
import { UsageError } from './cli-error.ts';
import type { GlobalOptions, Session } from './session.ts';

/** A command's work; it is loaded when it is called, so that help and `hash` do not wait for the rest. */
type Work = (session: Session) => Promise<number>;

export interface ProgramOptions {
  readonly version: string;
  readonly write: { readonly out: (text: string) => void; readonly err: (text: string) => void };
  /** Called once, with the options and the work of the command that was named. */
  readonly start: (options: GlobalOptions, work: Work) => Promise<void>;
}

/** The command line: names, options, help and examples; nothing here does the work. */
export function buildProgram({ version, write, start }: ProgramOptions): Command {
  const program = new Command('certfolio')
    .description('CertCentral reports by name or hash: templates, keys, runs.')
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'answer in JSON, errors too')
    .option('--url <url>', 'address of the gateway (CERTFOLIO_URL, else http://127.0.0.1:4000)')
    .option('--key-file <file>', 'read the key from a file')
    .option('--key-stdin', 'read the key from standard input')
    .addOption(new Option('--key [key]').hideHelp())
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: write.out, writeErr: write.err })
    .exitOverride()
    .addHelpText(
      'after',
      `\nThe key is read from CERTFOLIO_KEY. Exit codes: 0 ok, 1 failed, 2 usage, 3 key refused, 4 limited,\n5 CertCentral failed or out of budget, 10 rows found with --fail-on-rows.\n${example('certfolio up', 'certfolio run expiring-soon --var days=30')}`,
    );

  const begin = (command: Command, work: Work) => start(readGlobalOptions(command), work);
  addUp(program, begin);
  addDoctor(program, begin);
  addRun(program, begin);
  addExplain(program, begin);
  addTemplates(program, begin);
  addKeys(program, begin);
  addHash(program, begin);
  return program;
}

type Begin = (command: Command, work: Work) => Promise<void>;

function addUp(program: Command, begin: Begin): void {
  program
    .command('up')
    .description('start the gateway and everything it needs; ends with Ctrl-C')
    .addHelpText('after', example('certfolio up', 'CERTCENTRAL_API_KEY_FILE=key.txt certfolio up'))
    .action((_options, command: Command) => begin(command, async () => (await import('./commands/up.ts')).up()));
}

function addDoctor(program: Command, begin: Begin): void {
  program
    .command('doctor')
    .description('check gateway, key, templates, CertCentral account and clocks; says what to do')
    .option('--account <name>', 'upstream account to look at; by default that of the key in use')
    .option('--probe', 'hold the real service against what is assumed of it, by at most 10 reads')
    .option('--out <file>', 'where the bundle of --probe goes, which has no value of the account')
    .addHelpText('after', example('certfolio doctor', 'certfolio doctor --json', 'certfolio doctor --probe'))
    .action((flags: DoctorFlags, command: Command) =>
      begin(command, async (session) => {
        if (flags.out !== undefined && flags.probe === undefined) throw new UsageError('--out is for --probe.');
        return (await import('./commands/doctor/doctor.ts')).doctor(flags, session);
      }),
    );
}

function addRun(program: Command, begin: Begin): void {
  program
    .command('run')
    .argument('<template>', 'name, name@version or any id')
    .description('run a template and print or save its rows')
    .option('--var <name=value>', 'a variable; again for more, the same name again for a list', collect)
    .addOption(
      new Option('-o, --output <format>', 'format; by default that of the ending of --out, else table').choices(
        outputFormats,
      ),
    )
    .option('--out <file>', 'write to a file, which is there whole or not at all')
    .option('--fail-on-rows', 'exit with 10 when there are rows')
    .option('--fresh <age>', freshHelp)
    .addHelpText(
      'after',
      example(
        'certfolio run expiring-soon --var days=30',
        'certfolio run inventory-full --out inventory.csv',
        'certfolio run lapsed-not-renewed --fail-on-rows -o json',
      ),
    )
    .action((template: string, flags: RunFlags, command: Command) =>
      begin(command, async (session) => {
        const options = readRunOptions(flags, session.json);
        return (await import('./commands/run/run.ts')).run(template, options, session);
      }),
    );
}

function addExplain(program: Command, begin: Begin): void {
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
      begin(command, async (session) => (await import('./commands/explain.ts')).explain(template, flags, session)),
    );
}

const freshHelp = 'how old the data may be: live, mirror (any age) or seconds; by default as the template says';

function addTemplates(program: Command, begin: Begin): void {
  const group = program.command('templates').description('the templates of the gateway, or of a folder');
  group
    .command('list')
    .description('list the templates that the key may run')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices(['draft', 'approved', 'deprecated', 'retired']),
    )
    .addHelpText('after', example('certfolio templates list', 'certfolio templates list --state deprecated --json'))
    .action(({ state }: { state?: string }, command: Command) =>
      begin(command, async (session) =>
        (await import('./commands/templates/list.ts')).listTemplates(state ?? null, session),
      ),
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
      begin(command, async (session) => (await import('./commands/templates/show.ts')).showTemplate(ref, session)),
    );
  group
    .command('check')
    .argument('[dir]', 'folder of templates (CERTFOLIO_TEMPLATES_DIR, else templates)')
    .description('check a folder as publishing would; needs no server')
    .addHelpText('after', example('certfolio templates check templates'))
    .action((dir: string | undefined, _options, command: Command) =>
      begin(command, async (session) => (await import('./commands/templates/check.ts')).checkTemplates(dir, session)),
    );
}

function addKeys(program: Command, begin: Begin): void {
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
      begin(command, async (session) => (await import('./commands/keys/create.ts')).createKey(flags, session)),
    );
  group
    .command('list')
    .description('list all keys, never their secrets')
    .addHelpText('after', example('certfolio keys list', 'certfolio keys list --json'))
    .action((_options, command: Command) =>
      begin(command, async (session) => (await import('./commands/keys/list.ts')).listKeys(session)),
    );
  group
    .command('show')
    .argument('<key>', 'id or name')
    .description('show one key: what it may do, for which upstream account')
    .addHelpText('after', example('certfolio keys show grafana', 'certfolio keys show 7Hq2LmP0aZ --json'))
    .action((id: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./commands/keys/show.ts')).showKey(id, session)),
    );
  group
    .command('revoke')
    .argument('<key>', 'id or name')
    .description('refuse a key from now on')
    .addHelpText('after', example('certfolio keys revoke 7Hq2LmP0aZ', 'certfolio keys revoke grafana'))
    .action((id: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./commands/keys/revoke.ts')).revokeKey(id, session)),
    );
}

function addHash(program: Command, begin: Begin): void {
  program
    .command('hash')
    .argument('<file>', 'a GraphQL document')
    .description('print every id of a document with who computes it; needs no server')
    .addHelpText('after', example('certfolio hash templates/expiring-soon.graphql'))
    .action((file: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./commands/hash.ts')).hash(file, session)),
    );
}

function readGlobalOptions(command: Command): GlobalOptions {
  const { json, url, key, keyFile, keyStdin } = command.optsWithGlobals<{
    json?: true;
    url?: string;
    key?: unknown;
    keyFile?: string;
    keyStdin?: true;
  }>();
  if (key !== undefined)
    throw new UsageError(
      'A key on the command line is seen by everyone on this machine; use CERTFOLIO_KEY, --key-file FILE or --key-stdin.',
    );
  if (keyFile !== undefined && keyStdin) throw new UsageError('--key-file and --key-stdin name two keys; use one.');
  return { json: json ?? false, url: url ?? null, keyFile: keyFile ?? null, keyStdin: keyStdin ?? false };
}

/** Commander's errors that are no errors: help and version were asked for. */
export function exitCodeOfUsage(code: string): number {
  return code === 'commander.helpDisplayed' || code === 'commander.version' ? exitCodes.ok : exitCodes.usage;
}

const collect = (value: string, before: readonly string[] = []) => [...before, value];
const example = (...lines: readonly string[]) => `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
