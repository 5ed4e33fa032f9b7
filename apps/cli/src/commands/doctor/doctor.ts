import { GatewayError, type ExitCode, type GatewayClient } from '@certfolio/client';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import type { Style } from '../../terminal.ts';
import { checkKey } from './check-key.ts';
import { checkClock, checkReady } from './check-ready.ts';
import { checkTemplateFolder } from './check-templates.ts';
import { askUpstream, type Upstream } from './check-upstream.ts';
import { exitCodeOfChecks, fail, ok, skipped, type Check } from './check.ts';
import { probe, type Probe } from './probe.ts';

export interface DoctorFlags {
  readonly probe?: true;
  /** File of the probe's bundle. */
  readonly out?: string;
  readonly account?: string;
}

/** One question to the gateway may take this long; one that it hands on to CertCentral, as long as a request of its own. */
const questionMs = 10_000;
const upstreamMs = 35_000;
const styleOf: Readonly<Record<Check['state'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'bold' };

interface Found {
  readonly checks: readonly Check[];
  readonly upstream: Upstream | null;
  readonly probe: Probe | null;
}

/** Looks at everything a request passes, from here outwards; fails when something has to be done. */
export async function doctor(flags: DoctorFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, url } = session;
  const found = await lookAtGateway(flags, session);
  const checks = [...found.checks, await checkTemplateFolder(session.config.templatesDir)];
  const isWell = checks.every(({ state }) => state !== 'fail');
  if (json) {
    const { mirror, ...upstream } = found.upstream ?? { mirror: null };
    const report = {
      ok: isWell,
      url,
      checks: checks.map(({ exitCode: _exitCode, ...check }) => check),
      upstream: found.upstream === null ? null : upstream,
      mirror,
      probe: found.probe,
    };
    terminal.line(JSON.stringify(report, null, 2));
  } else {
    printChecks(checks, session);
    if (found.probe !== null) printFindings(found.probe, session);
  }
  return exitCodeOfChecks(checks);
}

function printChecks(checks: readonly Check[], { terminal }: Session): void {
  const rows = checks.map(({ name, state, found }) => [state, name, found]);
  terminal.line(renderTable(['STATE', 'WHAT', 'FOUND'], rows, terminal));
  const todo = checks.filter(({ whatToDo }) => whatToDo !== null);
  if (todo.length > 0) terminal.line('');
  for (const { name, state, found, whatToDo } of todo) {
    terminal.line(`${terminal.paint(styleOf[state], name)}: ${printable(found)}\n  ${printable(whatToDo ?? '')}`);
  }
}

function printFindings({ findings, file }: Probe, { terminal }: Session): void {
  terminal.line('');
  // Sentences that name columns are long, and are what was asked for.
  for (const { read, state, found } of findings) terminal.line(printable(`${state.padEnd(7)}  ${read}: ${found}`));
  terminal.line('');
  terminal.line(`The bundle is in ${file}`);
}

async function lookAtGateway(flags: DoctorFlags, session: Session): Promise<Found> {
  const limited = (ms: number) => AbortSignal.any([session.signal, AbortSignal.timeout(ms)]);
  const sentMs = session.nowMs();
  let health: Awaited<ReturnType<GatewayClient['health']>>;
  try {
    health = await (await session.clientWithoutKey()).health({ signal: limited(questionMs) });
  } catch (error) {
    session.signal.throwIfAborted();
    const isOurs = error instanceof GatewayError || (error instanceof DOMException && error.name === 'TimeoutError');
    if (!isOurs) throw error;
    const found =
      error instanceof GatewayError ? error.message : `${session.url} gives no answer within ${questionMs / 1_000} s.`;
    const todo = 'Start one with "certfolio up", or set CERTFOLIO_URL.';
    return {
      checks: [
        fail('gateway', found, todo),
        skipped('key', 'no gateway to ask'),
        skipped('CertCentral', 'no gateway to ask'),
      ],
      upstream: null,
      probe: null,
    };
  }
  // The key may come from standard input, which can be read once.
  let client: Promise<GatewayClient> | null = null;
  const withKey = () => (client ??= session.client());
  const account = flags.account ?? null;
  const checks = [
    ok('gateway', `answers at ${session.url}`),
    ...checkReady(health),
    checkClock(health.dateMs, sentMs, session.nowMs()),
    await checkKey(withKey, limited(questionMs)),
  ];
  const { upstream, checks: ofUpstream } = await askUpstream(withKey, account, limited(upstreamMs));
  session.signal.throwIfAborted();
  if (flags.probe !== true) return { checks: [...checks, ...ofUpstream], upstream, probe: null };
  const options = { account, file: flags.out ?? null, nowMs: session.nowMs(), signal: limited(upstreamMs) };
  const probed = await probe(withKey, options);
  return { checks: [...checks, ...ofUpstream, probed.check], upstream, probe: probed.probe };
}
