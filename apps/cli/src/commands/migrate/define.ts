import type { Command } from 'commander';
import { collect, example, type Begin } from '../define-command.ts';
import { addRollout } from './define-rollout.ts';
import type { ScanFlags } from './scan.ts';

export function addMigrate(program: Command, begin: Begin): void {
  const group = program.command('migrate').description("the way from CertCentral's REST API to templates");
  addRollout(group, begin);
  group
    .command('scan')
    .argument('<dir>', 'a folder of scripts, or one file')
    .description(
      "find calls of CertCentral's REST API in PowerShell, Python, JavaScript, TypeScript, Go, shell, Ansible and Terraform, and name what replaces each; needs no server",
    )
    .option('--include <glob>', 'only files like this; may be repeated', collect)
    .option('--exclude <glob>', 'no files like this; may be repeated', collect)
    .addHelpText(
      'after',
      `\nLeft out: node_modules, .git and other folders of tools, what .certfolioignore in <dir> names (patterns as in\n.gitignore), binary files, files over 1 MiB, links. What could not be read is named.\n${example(
        'certfolio migrate scan .',
        "certfolio migrate scan scripts --exclude 'old/**'",
        "certfolio migrate scan ~/automation --include '*.ps1' --json",
      )}`,
    )
    .action((dir: string, flags: ScanFlags, command: Command) =>
      begin(command, async (session) => (await import('./scan.ts')).scan(dir, flags, session)),
    );
}
