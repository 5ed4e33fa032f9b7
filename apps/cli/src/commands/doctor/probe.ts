import { exitCodeOf, exitCodes, GatewayError, type GatewayClient } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { fail, ok, warn, type Check } from './check.ts';

export interface ProbeFinding {
  readonly read: string;
  readonly state: 'ok' | 'differs' | 'broken' | 'failed';
  readonly found: string;
}

/** What a probe found, as `--json` tells it. */
export interface Probe {
  readonly account: string;
  readonly host: string;
  readonly calls: number;
  readonly findings: readonly ProbeFinding[];
  /** Where the bundle was written. */
  readonly file: string;
}

interface ProbeAnswer {
  readonly account: string;
  readonly host: string;
  readonly calls: number;
  readonly bundle: string;
  readonly findings: readonly { readonly read: string; readonly state: string; readonly found: string }[];
}

const mutation = `mutation Probe($account: String) { probeUpstream(account: $account) {
  account host calls bundle findings { read state found }
} }`;

export interface ProbeOptions {
  /** Null: the account of the key. */
  readonly account: string | null;
  /** Null: a name with host and time, in the working directory. */
  readonly file: string | null;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Has the gateway read the real service, and writes what may be passed on to a file. */
export async function probe(
  client: () => Promise<GatewayClient>,
  { account, file, nowMs, signal }: ProbeOptions,
): Promise<{ readonly probe: Probe | null; readonly check: Check }> {
  let answer: ProbeAnswer;
  try {
    const { probeUpstream } = await (
      await client()
    ).query<{ probeUpstream: ProbeAnswer }>(mutation, { account }, { signal });
    answer = probeUpstream;
  } catch (error) {
    if (error instanceof CliError) return refused(error.message, error.exitCode);
    if (error instanceof GatewayError) return refused(error.message, exitCodeOf(error.code));
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return refused('The gateway had no answer in time.', exitCodes.certcentral);
    throw error;
  }
  const name = file ?? fileName(answer.host, nowMs);
  await writeWhole(name, chunks(`${JSON.stringify(JSON.parse(answer.bundle), null, 2)}\n`));
  const findings = answer.findings.map((finding) => ({
    ...finding,
    state: finding.state.toLowerCase() as ProbeFinding['state'],
  }));
  const done = { account: answer.account, host: answer.host, calls: answer.calls, findings, file: name };
  return { probe: done, check: checkProbe(done) };
}

const refused = (found: string, exitCode: NonNullable<Check['exitCode']>) => ({
  probe: null,
  check: fail('probe', found, 'A probe needs an admin key, and an account that the gateway reads.', exitCode),
});

/** What the findings come to. */
export function checkProbe({ calls, findings, file }: Omit<Probe, 'account' | 'host'>): Check {
  const count = (state: ProbeFinding['state']) => findings.filter((finding) => finding.state === state).length;
  const spent = `${counted(calls, 'call')} spent, bundle in ${file}`;
  const broken = count('broken');
  const pass =
    'Pass the bundle on with a report: it has shapes, counts and names of columns, no value of your account.';
  if (broken > 0) return fail('probe', `${counted(broken, 'answer')} cannot be used as assumed; ${spent}`, pass);
  if (count('failed') > 0)
    return fail(
      'probe',
      `${counted(count('failed'), 'read')} without an answer; ${spent}`,
      'See the findings; try again later.',
      exitCodes.certcentral,
    );
  if (count('differs') > 0)
    return warn('probe', `${counted(count('differs'), 'difference')} that can be coped with; ${spent}`, pass);
  return ok('probe', `everything is as assumed; ${spent}`);
}

/** `certfolio-probe-www.digicert.com-20261123T120000Z.json` */
function fileName(host: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `certfolio-probe-${host.replace(/[^A-Za-z0-9.-]+/g, '-')}-${time}.json`;
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
