import { exitCodes, GatewayError, type ExitCode, type GatewayClient } from '@certfolio/client';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import type { Style } from '../../terminal.ts';
import { checkKey, checkUpstream } from './check-key.ts';
import { checkClock, checkReady } from './check-ready.ts';
import { checkTemplateFolder } from './check-templates.ts';
import { fail, ok, skipped, type Check } from './check.ts';

/** One question to the gateway may take this long. */
const questionMs = 10_000;
const styleOf: Readonly<Record<Check['state'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'bold' };

/** Looks at everything a request passes, from here outwards; fails when something has to be done. */
export async function doctor(session: Session): Promise<ExitCode> {
  const { terminal, json, url } = session;
  const { checks, mirror } = await lookAtGateway(session);
  checks.push(await checkTemplateFolder(session.config.templatesDir));
  const isWell = checks.every(({ state }) => state !== 'fail');
  if (json) {
    terminal.line(JSON.stringify({ ok: isWell, url, checks, mirror }, null, 2));
  } else {
    const rows = checks.map(({ name, state, found }) => [state, name, found]);
    terminal.line(renderTable(['STATE', 'WHAT', 'FOUND'], rows, terminal));
    const todo = checks.filter(({ whatToDo }) => whatToDo !== null);
    if (todo.length > 0) terminal.line('');
    for (const { name, state, found, whatToDo } of todo) {
      terminal.line(`${terminal.paint(styleOf[state], name)}: ${printable(found)}\n  ${printable(whatToDo ?? '')}`);
    }
  }
  return isWell ? exitCodes.ok : exitCodes.failed;
}

async function lookAtGateway(session: Session): Promise<{ checks: Check[]; mirror: unknown }> {
  const limited = () => AbortSignal.any([session.signal, AbortSignal.timeout(questionMs)]);
  const sentMs = session.nowMs();
  let health: Awaited<ReturnType<GatewayClient['health']>>;
  try {
    health = await (await session.clientWithoutKey()).health({ signal: limited() });
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
      mirror: null,
    };
  }
  const checks = [
    ok('gateway', `answers at ${session.url}`),
    ...checkReady(health),
    checkClock(health.dateMs, sentMs, session.nowMs()),
  ];
  // The key may come from standard input, which can be read once.
  let client: Promise<GatewayClient> | null = null;
  const withKey = () => (client ??= session.client());
  checks.push(await checkKey(withKey, limited()), ...(await checkUpstream(withKey, limited())));
  return { checks, mirror: mirrorOf(health.report) };
}

/** What `/readyz` tells of the mirror, as it is. */
function mirrorOf(report: unknown): unknown {
  if (typeof report !== 'object' || report === null) return null;
  if ('mirror' in report) return report.mirror;
  return 'parts' in report && typeof report.parts === 'object' && report.parts !== null && 'mirror' in report.parts
    ? report.parts.mirror
    : null;
}
