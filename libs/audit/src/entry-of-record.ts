import { LRUCache } from 'lru-cache';
import type { RequestRecord } from '@certfolio/core';
import type { RequestEntry } from './audit-entry.ts';
import { cutText, maskValues } from './mask.ts';
import { sensitiveVariables } from './sensitive-variables.ts';

/** Documents of which it is remembered which variables are masked. */
const maxDocuments = 1_000;

/** Makes entries of records, off the request path. */
export function createEntryMaker(): (record: RequestRecord) => RequestEntry {
  const known = new LRUCache<string, ReadonlySet<string>>({ max: maxDocuments });
  const maskedIn = ({ hash, text }: { readonly hash: string; readonly text: string }) => {
    let names = known.get(hash);
    if (names === undefined) known.set(hash, (names = sensitiveVariables(text)));
    return names;
  };
  return ({ principal, operation, atMs, durationMs, cost, ...record }) => ({
    kind: 'request',
    at: new Date(atMs).toISOString(),
    requestId: record.requestId,
    keyId: principal.keyId,
    keyName: principal.keyName,
    owner: principal.owner,
    from: record.from,
    userAgent: record.userAgent === null ? null : cutText(record.userAgent),
    door: record.door,
    decision: record.decision,
    status: record.status,
    template: operation?.template == null ? null : `${operation.template.name}@${operation.template.version}`,
    templateId: operation?.template?.id ?? null,
    operationHash: operation?.hash ?? null,
    operationName: nameOf(record.restCall?.route ?? operation?.name),
    isMutation: record.restCall?.isWrite ?? operation?.isMutation ?? false,
    variables: operation === null ? null : maskValues(operation.variables, maskedIn(operation)),
    rows: record.rows,
    truncated: record.truncated,
    upstreamCalls: record.upstreamCalls,
    cost: cost?.estimated ?? null,
    durationMs: Math.round(durationMs),
  });
}

const nameOf = (name: string | null | undefined) => (name == null ? null : cutText(name));
