import type { UpstreamCall } from '@certfolio/core';
import { ReadLedger } from '@certfolio/core';
import type { Transport } from '../transport.http.ts';
import type { Finding, Look, ReadFacts } from './look.ts';
import {
  lookAtCustomReports,
  lookAtList,
  lookAtOrderInfo,
  lookAtReport,
  lookAtShapes,
  lookPastTheEnd,
} from './probe-reads.ts';

/** How the real service compares with what the product assumes of it. */
export interface ServiceProbe {
  /** Calls that it spent, at most 10. */
  readonly calls: number;
  /** At least one of every read. */
  readonly findings: readonly Finding[];
  /** Shapes, counts, names of columns and header fields; no value of an answer. */
  readonly reads: readonly ReadFacts[];
}

export interface ProbeParts {
  readonly transport: Transport;
  readonly settings: { readonly reportZone: string; readonly maxRowBytes: number };
  readonly nowMs: () => number;
}

/** Ten reads, none of them repeated: eight at once, then two that need the list. Nothing is written at CertCentral. */
export async function probeService(
  { transport, settings, nowMs }: ProbeParts,
  call: UpstreamCall,
): Promise<ServiceProbe> {
  const ledger = new ReadLedger();
  const looker = { transport, call: { ...call, ledger }, nowMs };
  const listing = lookAtList(looker);
  const first = Promise.all([
    ...lookAtShapes(looker),
    listing,
    lookAtReport(looker, settings),
    lookAtCustomReports(looker, settings),
  ]);
  const second = listing.then(({ total, orderId }) =>
    Promise.all([
      ...(total === null ? [] : [lookPastTheEnd(looker, total)]),
      ...(orderId === null ? [] : [lookAtOrderInfo(looker, orderId)]),
    ]),
  );
  const looks = (await Promise.all([first, second])).flat();
  call.ledger.add(ledger.account());
  return {
    calls: ledger.upstreamCalls,
    findings: looks.flatMap(findingsOf),
    reads: looks.map(({ facts }) => facts),
  };
}

function findingsOf({ facts, findings }: Look): readonly Finding[] {
  if (findings.length > 0) return findings;
  const size = facts.rows === undefined ? '' : `, ${facts.rows} row${facts.rows === 1 ? '' : 's'}`;
  return [{ read: facts.read, state: 'ok', found: `as assumed${size}` }];
}
