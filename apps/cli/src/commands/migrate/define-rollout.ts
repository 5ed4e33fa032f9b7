import type { Command } from 'commander';
import { collect, example, type Begin } from '../define-command.ts';
import type { AddRuleFlags } from './ignore.ts';
import type { RampFlags } from './ramp-options.ts';
import type { RouteFlags } from './route-options.ts';
import type { StatusFlags } from './status.ts';

const routeArgument = 'key of the catalog, "GET /order/certificate", or a short name, list-orders';

/** Who still calls what, and who answers. */
export function addRollout(group: Command, begin: Begin): void {
  addStatus(group, begin);
  addRoute(group, begin);
  addRamp(group, begin);
  addRollback(group, begin);
  addIgnore(group, begin);
}

function addStatus(group: Command, begin: Begin): void {
  group
    .command('status')
    .description('show routes and keys: calls, state, parity, what replaces them, deadlines')
    .option('--route <route>', routeArgument)
    .option('--key <key>', 'id or name of a key')
    .option('--days <n>', 'days of calls and comparisons that are counted; 28 when absent')
    .option('--samples', 'show example pairs of values that differed')
    .addHelpText(
      'after',
      example(
        'certfolio migrate status',
        'certfolio migrate status --route list-orders --samples',
        'certfolio migrate status --key nagios --json',
      ),
    )
    .action((flags: StatusFlags, command: Command) =>
      begin(command, async (session) => (await import('./status.ts')).migrateStatus(flags, session)),
    );
}

function addRoute(group: Command, begin: Begin): void {
  group
    .command('route')
    .argument('<route>', routeArgument)
    .argument('<state>', 'proxied, shadowed, served, sunset or gone; inherit ends the state of a key')
    .description('put a route, or one key on it, into a state')
    .option('--key <key>', 'for this key alone; id or name')
    .option('--deadline <date>', 'when the route is to be gone: 2027-03-31, an instant, or 90d')
    .option('--sample <rate>', 'of the calls, 0 to 1, that are compared')
    .option('--brownout <from/to>', 'a window in which a route in sunset answers 410; may be given again', collect)
    .option('--reason <text>', 'kept with the state and in the audit log')
    .addHelpText(
      'after',
      example(
        'certfolio migrate route list-orders shadowed',
        'certfolio migrate route list-orders served --key nagios',
        'certfolio migrate route list-orders sunset --deadline 2027-03-31 --brownout 2027-03-01T09:00:00Z/2027-03-01T10:00:00Z',
      ),
    )
    .action((route: string, state: string, flags: RouteFlags, command: Command) =>
      begin(command, async (session) => (await import('./change.ts')).setRoute(route, state, flags, session)),
    );
}

function addRamp(group: Command, begin: Begin): void {
  group
    .command('ramp')
    .argument('<route>', routeArgument)
    .argument('[percent]', 'of the keys; without it the first step of --plan, or the next of the plan in force')
    .description('let the graph answer a share of the keys; goes back by itself when a gate is passed')
    .option('--plan <percents>', 'steps, such as 1,5,25,50,100')
    .option('--auto', 'take the next step of --plan by itself')
    .option('--min-samples <n>', 'comparisons of a step before the next; 200 when absent')
    .option('--max-mismatch <rate>', 'of the comparisons; 0.1% when absent')
    .option('--max-errors <rate>', "of the graph's calls; 1% when absent")
    .option('--max-latency <times>', "the graph's 95th percentile over CertCentral's, or off; 2 when absent")
    .option('--min-minutes <n>', 'that a step lasts; 60 when absent')
    .option('--reason <text>', 'kept with the state and in the audit log')
    .addHelpText(
      'after',
      example(
        'certfolio migrate ramp list-orders 5',
        'certfolio migrate ramp list-orders --plan 1,5,25,50,100 --auto --min-samples 500 --max-mismatch 0.05%',
      ),
    )
    .action((route: string, percent: string | undefined, flags: RampFlags, command: Command) =>
      begin(command, async (session) => (await import('./change.ts')).rampRoute(route, percent, flags, session)),
    );
}

function addRollback(group: Command, begin: Begin): void {
  group
    .command('rollback')
    .argument('<route>', routeArgument)
    .description('CertCentral answers again from the next call on, for all keys or for one')
    .option('--key <key>', 'for this key alone; id or name')
    .option('--reason <text>', 'kept with the state and in the audit log')
    .addHelpText('after', example('certfolio migrate rollback list-orders --reason "status differs"'))
    .action((route: string, flags: { key?: string; reason?: string }, command: Command) =>
      begin(command, async (session) => (await import('./change.ts')).rollBackRoute(route, flags, session)),
    );
}

function addIgnore(group: Command, begin: Begin): void {
  const ignore = group.command('ignore').description('differences that do not count, for a reason and until a day');
  ignore
    .command('add')
    .argument('<field>', 'pattern: orders[*].price, orders[*].**, **.last_seen, header:content-type')
    .description('ignore differences of a field')
    .option('--route <route>', `of this route alone; ${routeArgument}`)
    .requiredOption('--reason <text>', 'why it does not matter')
    .requiredOption('--until <date>', 'from then on they count again: 2027-01-31, an instant, or 30d')
    .addHelpText(
      'after',
      example(
        'certfolio migrate ignore add "orders[*].price" --route list-orders --reason "rounding, CC-12" --until 30d',
      ),
    )
    .action((field: string, flags: AddRuleFlags, command: Command) =>
      begin(command, async (session) => (await import('./ignore.ts')).addRule(field, flags, session)),
    );
  ignore
    .command('list')
    .description('list rules; those that expired count again')
    .addHelpText('after', example('certfolio migrate ignore list'))
    .action((_flags, command: Command) =>
      begin(command, async (session) => (await import('./ignore.ts')).listRules(session)),
    );
  ignore
    .command('remove')
    .argument('<id>', 'as the list shows it')
    .description('count the differences of a rule again')
    .addHelpText('after', example('certfolio migrate ignore remove ign_4f0c2a9be1d7'))
    .action((id: string, _flags, command: Command) =>
      begin(command, async (session) => (await import('./ignore.ts')).removeRule(id, session)),
    );
}
