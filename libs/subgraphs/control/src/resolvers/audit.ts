import { auditTime, verifyChain, type AuditEntryKind, type ChainLink, type ChainedEntry } from '@certfolio/audit';
import { BadUserInput, type Clock } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { toEnumName } from '../enum-names.ts';
import { pageSizeOf } from '../page-size.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';

interface FilterArgument {
  readonly since?: string | null;
  readonly until?: string | null;
  readonly key?: string | null;
  readonly template?: string | null;
  readonly kind?: string | null;
}

interface PageArguments {
  readonly first: number;
  readonly after?: string | null;
  readonly filter?: FilterArgument | null;
}

/** One call of `verifyAudit` looks at entries for so long, well below the deadline of a request. */
const verifyBudgetMs = 5_000;

export function auditResolvers({ audit }: ControlPorts, clock: Clock): Resolvers {
  return {
    Query: {
      auditLog: async (_root, { first, after, filter }: PageArguments, { principal }) => {
        requireScope(principal, 'admin', 'read the audit log');
        const limit = pageSizeOf(first);
        const found = await audit.store.find(filterOf(filter ?? {}, clock.nowMs()), {
          order: 'newest',
          beyond: after == null ? null : seqOf(after),
          limit: limit + 1,
        });
        const entries = found.slice(0, limit);
        return { entries: entries.map(entryView), next: found.length > limit ? String(entries.at(-1)!.seq) : null };
      },

      verifyAudit: async (
        _root,
        { from, expect }: { readonly from?: string | null; readonly expect?: string | null },
        { principal },
      ) => {
        requireScope(principal, 'admin', 'verify the audit log');
        if (expect != null && !/^[0-9a-f]{64}$/.test(expect))
          throw new BadUserInput('"expect" is no hash of an entry: write 64 lower-case hex digits.');
        const { last, problem, ...found } = await verifyChain(audit.store, {
          from: from == null ? null : positionOf(from),
          expect: expect ?? null,
          nowMs: () => clock.monotonicMs(),
          budgetMs: verifyBudgetMs,
        });
        return {
          ok: problem === null,
          whole: found.isWhole,
          entries: found.entries,
          position: `${last.seq}:${last.hash}`,
          headSeq: String(last.seq),
          headHash: last.hash,
          removedEntries: found.removedEntries,
          brokenSeq: problem === null ? null : String(problem.seq),
          problem: problem?.what ?? null,
          expectedFound: found.isExpectedFound,
        };
      },
    },
  };
}

function filterOf({ since, until, key, template, kind }: FilterArgument, nowMs: number) {
  return {
    since: since == null ? undefined : auditTime(since, 'since', nowMs),
    until: until == null ? undefined : auditTime(until, 'until', nowMs),
    key: key ?? undefined,
    template: template ?? undefined,
    kind: kind == null ? undefined : (kind.toLowerCase().replaceAll('_', '-') as AuditEntryKind),
  };
}

function entryView({ seq, hash, previousHash, json }: ChainedEntry) {
  const entry = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return {
    ...entry,
    seq: String(seq),
    hash,
    previousHash,
    json,
    kind: toEnumName(String(entry['kind'])),
    at: new Date(String(entry['at'])),
    decision: entry['decision'] ?? entry['outcome'] ?? null,
  };
}

function seqOf(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new BadUserInput('The value of "after" is none of this log; use "next" of a page.');
  return Number(text);
}

function positionOf(text: string): ChainLink {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new BadUserInput('The value of "from" is no position; use "position" of the call before.');
  return { seq: Number(seq), hash };
}
