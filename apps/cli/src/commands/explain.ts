import { exitCodes, type ExitCode, type ExplainAnswer } from '@certfolio/client';
import { counted } from '../output/counted.ts';
import { printable } from '../output/printable.ts';
import type { Session } from '../session.ts';
import { readFresh, readVariables } from './run/run-options.ts';

/** The options of `explain` as they were typed. */
export interface ExplainFlags {
  readonly var?: readonly string[] | undefined;
  readonly fresh?: string | undefined;
}

/** Tells what a run of a template would take. */
export async function explain(ref: string, flags: ExplainFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const variables = readVariables(flags.var ?? []);
  const fresh = readFresh(flags.fresh);
  const client = await session.client();
  const plan = await client.explain(ref, { variables, signal, ...(fresh === undefined ? {} : { fresh }) });
  terminal.line(json ? JSON.stringify(plan, null, 2) : linesOf(plan).join('\n'));
  return exitCodes.ok;
}

function linesOf(plan: ExplainAnswer): string[] {
  const { template, cost, upstreamCalls, ageSeconds, budget, unavailableFields } = plan;
  return [
    `${printable(template.name)}@${template.version}, estimated cost ${cost.estimated}${cost.isGuess === true ? ' (a guess until it has run)' : ''}`,
    upstreamCalls === 0 ? 'No CertCentral calls' : counted(upstreamCalls, 'CertCentral call'),
    ...plan.plans.map((sentence) => `  ${printable(sentence)}`),
    ...(plan.source === 'live' || ageSeconds === null
      ? []
      : [
          `Data ${counted(ageSeconds, 'second')} old${plan.isOlderThanAsked ? ', older than asked: it would be refreshed' : ''}`,
        ]),
    ...(unavailableFields.length === 0 ? [] : [`Not readable: ${printable(unavailableFields.join(', '))}`]),
    ...(budget === null
      ? []
      : budget.map(({ calls, windowMs, free }) => `${free} of ${calls} calls left in ${windowMs / 1_000} s`)),
  ];
}
