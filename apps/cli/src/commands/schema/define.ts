import type { Command } from 'commander';
import { example, type Begin } from '../define-command.ts';
import type { PrintSchemaFlags } from './print.ts';

export function addSchema(program: Command, begin: Begin): void {
  const group = program.command('schema').description('the schema that callers see, and what another one would break');
  group
    .command('print')
    .option('--supergraph', "the supergraph, with the subgraphs' parts")
    .option('--running', 'that of the running gateway; so does --url')
    .description('print the schema; needs no server unless the running one is asked for')
    .addHelpText('after', example('certfolio schema print', 'certfolio schema print --running --supergraph'))
    .action((flags: PrintSchemaFlags, command: Command) =>
      begin(command, async (session) => (await import('./print.ts')).printSchema(flags, session)),
    );
  group
    .command('check')
    .argument('<subgraph>', 'name of a subgraph; a name that is not known is a new one')
    .argument('<file>', 'its schema')
    .description('say what the running gateway would refuse: composition, broken templates, and who uses what changes')
    .addHelpText('after', example('certfolio schema check ownership schema.graphql'))
    .action((subgraph: string, file: string, _options, command: Command) =>
      begin(command, async (session) => (await import('./check.ts')).checkSchema(subgraph, file, session)),
    );
}
