import type { Command } from 'commander';
import { example, type Begin } from '../define-command.ts';

export function addRuns(program: Command, begin: Begin): void {
  const group = program.command('runs').description('what schedules did: rows, files, receipts');
  group
    .command('list')
    .description('list runs, the newest first')
    .option('--schedule <name>', 'of one schedule')
    .option('--limit <n>', 'how many, 200 at most', '20')
    .addHelpText('after', example('certfolio runs list', 'certfolio runs list --schedule expiring-daily --json'))
    .action((flags: { schedule?: string; limit: string }, command: Command) =>
      begin(command, async (session) => (await import('./list.ts')).listRuns(flags, session)),
    );
  group
    .command('show')
    .argument('<run>', 'id')
    .description('show one run: variables, rows, files, who got it')
    .addHelpText('after', example('certfolio runs show run_8Zk3…'))
    .action((id: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./show.ts')).showRun(id, session)),
    );
  group
    .command('download')
    .argument('<run>', 'id')
    .description('fetch the files of a run, checked against their hashes')
    .option('--out <dir>', 'folder', '.')
    .addHelpText('after', example('certfolio runs download run_8Zk3… --out evidence'))
    .action((id: string, { out }: { out: string }, command: Command) =>
      begin(command, async (session) => (await import('./download.ts')).downloadRun(id, out, session)),
    );
  group
    .command('verify')
    .argument('<manifest>', 'manifest.json of a downloaded run')
    .description('hold the files beside a manifest against their hashes; needs no server')
    .addHelpText('after', example('certfolio runs verify evidence/manifest.json'))
    .action((manifest: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./verify.ts')).verifyRun(manifest, session)),
    );
}
