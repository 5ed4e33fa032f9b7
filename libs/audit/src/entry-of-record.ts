import { LRUCache } from 'lru-cache';
import { isoInstant, type RequestRecord } from '@certfolio/core';
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
  return (record) => {
    const { principal, operation, restCall, userAgent } = record;
    const template = operation?.template ?? null;
    return {
      kind: 'request',
      at: isoInstant(record.atMs),
      requestId: record.requestId,
      keyId: principal.keyId,
      keyName: principal.keyName,
      owner: principal.owner,
      from: record.from,
      userAgent: userAgent === null ? null : cutText(userAgent),
      door: record.door,
      decision: record.decision,
      status: record.status,
      template: template === null ? null : `${template.name}@${template.version}`,
      templateId: template?.id ?? null,
      operationHash: operation?.hash ?? null,
      operationName: nameOf(restCall?.route ?? operation?.name),
      isMutation: restCall?.isWrite ?? operation?.isMutation ?? false,
      variables: operation === null ? null : maskValues(operation.variables, maskedIn(operation)),
      rows: record.rows,
      truncated: record.truncated,
      upstreamCalls: record.upstreamCalls,
      cost: record.cost?.estimated ?? null,
      durationMs: Math.round(record.durationMs),
    };
  };
}

const nameOf = (name: string | null | undefined) => (name == null ? null : cutText(name));
