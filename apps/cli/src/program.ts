import { Command, Option } from 'commander';
import { exitCodes } from '@certfolio/client';
import { example, type Begin, type Work } from './commands/define-command.ts';
import type { DoctorFlags } from './commands/doctor/doctor.ts';
import { addAudit } from './commands/audit/define.ts';
import { addBackup } from './commands/backup/define.ts';
import { addKeys } from './commands/keys/define.ts';
import type { ExplainHashFlags } from './commands/explain-hash.ts';
import { addLimits } from './commands/limits/define.ts';
import { addExplain, addRun } from './commands/run/define.ts';
import { addMigrate } from './commands/migrate/define.ts';
import { addRuns } from './commands/runs/define.ts';
import { addSchedules } from './commands/schedules/define.ts';
import { addSeen } from './commands/seen/define.ts';
import { addSchema } from './commands/schema/define.ts';
import { addTemplates } from './commands/templates/define.ts';
import { UsageError } from './cli-error.ts';
import type { GlobalOptions } from './session.ts';

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
  addSchedules(program, begin);
  addRuns(program, begin);
  addLimits(program, begin);
  addMigrate(program, begin);
  addAudit(program, begin);
  addSeen(program, begin);
  addBackup(program, begin);
  addSchema(program, begin);
  addHash(program, begin);
  addExplainHash(program, begin);
  return program;
}

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

function addExplainHash(program: Command, begin: Begin): void {
  program
    .command('explain-hash')
    .argument('<hash>', 'MD5, SHA-1 or SHA-256, with or without a prefix')
    .argument('<file>', 'a GraphQL document')
    .option('--with <hash>', 'another hash of the same document: says how the two differ')
    .description('say what was done to a document before it was hashed; exits 1 when nothing known gives the hash')
    .addHelpText('after', example('certfolio explain-hash 830973da… templates/expiring-soon.graphql'))
    .action((hash: string, file: string, flags: ExplainHashFlags, command: Command) =>
      begin(command, async (session) =>
        (await import('./commands/explain-hash.ts')).explainHashOf(hash, file, flags, session),
      ),
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
  if (key !== undefined && !isNameOfKey(key, command))
    throw new UsageError(
      'A key on the command line is seen by everyone on this machine; use CERTFOLIO_KEY, --key-file FILE or --key-stdin.',
    );
  if (keyFile !== undefined && keyStdin) throw new UsageError('--key-file and --key-stdin name two keys; use one.');
  return { json: json ?? false, url: url ?? null, keyFile: keyFile ?? null, keyStdin: keyStdin ?? false };
}

/**
 * Some commands choose by a key's id or name, `audit list --key grafana`. Commander takes the option for the program's own
 * wherever it stands, so it is handed back; a whole key is refused there too.
 */
function isNameOfKey(key: unknown, command: Command): boolean {
  const isOwn = command.options.some((option) => option.long === '--key');
  if (!isOwn || typeof key !== 'string' || /^cfk_\w{10}_/.test(key)) return false;
  command.setOptionValue('key', key);
  return true;
}

/** Commander's errors that are no errors: help and version were asked for. */
export function exitCodeOfUsage(code: string): number {
  return code === 'commander.helpDisplayed' || code === 'commander.version' ? exitCodes.ok : exitCodes.usage;
}
