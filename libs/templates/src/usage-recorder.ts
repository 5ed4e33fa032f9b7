import type { Clock, Logger, RequestRecord } from '@certfolio/core';
import type { FieldUse, TemplateUse, UsageStore } from './template-usage.ts';

export interface UsageRecorder {
  /** Counts a run; costs a look-up and writes nothing. What did not run is not counted. */
  record(request: RequestRecord): void;
  /** Writes what was counted, in one statement; on failure keeps it for the next time. */
  flush(): Promise<void>;
  /** Flushes every few seconds until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

export interface UsageRecorderOptions {
  readonly store: Pick<UsageStore, 'add' | 'forget'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two writings. */
  readonly everyMs?: number;
  /** Different counts that wait to be written; further ones are dropped, and told. */
  readonly maxPending?: number;
}

/** Days for which uses are kept. */
export const keptDays = { templates: 400, fields: 90 } as const;
const dayMs = 86_400_000;

interface Count {
  readonly first: Pick<RequestRecord, 'principal' | 'operation'>;
  runs: number;
  firstMs: number;
  lastMs: number;
}

export function createUsageRecorder({
  store,
  clock,
  logger,
  everyMs = 5_000,
  maxPending = 10_000,
}: UsageRecorderOptions): UsageRecorder {
  /** By key, then day and what ran. Operations without a template count by their hash, since their fields are the same each time. */
  let pending = new Map<string, Count>();
  let unwritten: { templates: readonly TemplateUse[]; fields: readonly FieldUse[] } = { templates: [], fields: [] };
  let dropped = 0;
  let forgotDay = -1;

  function record({ principal, operation, cost, atMs }: RequestRecord): void {
    if (operation === null || cost === null) return;
    const { template, hash } = operation;
    const isCounted = template !== null || principal.level === 'open' || principal.level === 'audit';
    if (!isCounted) return;
    const what = template === null ? `#${hash}` : `${template.name}@${template.version}`;
    const key = `${principal.keyId} ${Math.floor(atMs / dayMs)} ${what}`;
    const count = pending.get(key);
    if (count !== undefined) {
      count.runs += 1;
      count.firstMs = Math.min(count.firstMs, atMs);
      count.lastMs = Math.max(count.lastMs, atMs);
    } else if (pending.size < maxPending) {
      pending.set(key, { first: { principal, operation }, runs: 1, firstMs: atMs, lastMs: atMs });
    } else dropped += 1;
  }

  async function flush(): Promise<void> {
    const counted = usesOf(pending.values());
    const writing = {
      templates: merged(
        [...unwritten.templates, ...counted.templates],
        ({ keyId, name, version }) => `${keyId} ${name}@${version}`,
      ),
      fields: merged([...unwritten.fields, ...counted.fields], ({ keyId, coordinate }) => `${keyId} ${coordinate}`),
    };
    pending = new Map();
    unwritten = { templates: [], fields: [] };
    if (dropped > 0)
      logger.warn({ dropped, maxPending }, 'More different uses than are kept in memory; some runs were not counted.');
    dropped = 0;
    try {
      await store.add(writing.templates, writing.fields);
    } catch (error) {
      unwritten = bounded(writing, maxPending);
      const lost =
        writing.templates.length + writing.fields.length - unwritten.templates.length - unwritten.fields.length;
      logger.warn(
        { reason: String(error), waiting: unwritten.templates.length + unwritten.fields.length, lost },
        'Uses of templates could not be written; it is tried again.',
      );
      return;
    }
    await forgetOld().catch((error: unknown) =>
      logger.warn({ reason: String(error) }, 'Old uses of templates could not be removed; it is tried again.'),
    );
  }

  async function forgetOld(): Promise<void> {
    const today = Math.floor(clock.nowMs() / dayMs);
    if (today === forgotDay) return;
    const before = (days: number) => new Date((today - days) * dayMs);
    await store.forget({ templates: before(keptDays.templates), fields: before(keptDays.fields) });
    forgotDay = today;
  }

  return {
    record,
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
    },
  };
}

function usesOf(counts: Iterable<Count>): { templates: TemplateUse[]; fields: FieldUse[] } {
  const templates: TemplateUse[] = [];
  const fields: FieldUse[] = [];
  for (const { first, runs, firstMs, lastMs } of counts) {
    const { principal, operation } = first;
    const times = { keyId: principal.keyId, runs, firstUsedAt: new Date(firstMs), lastUsedAt: new Date(lastMs) };
    if (operation!.template !== null)
      templates.push({ ...times, name: operation!.template.name, version: operation!.template.version });
    else for (const coordinate of operation!.selected) fields.push({ ...times, coordinate });
  }
  return { templates, fields };
}

/** One count for each key and day: a statement cannot change a row twice. */
function merged<T extends TemplateUse | FieldUse>(uses: readonly T[], keyOf: (use: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const use of uses) {
    const key = `${Math.floor(use.lastUsedAt.getTime() / dayMs)} ${keyOf(use)}`;
    const before = byKey.get(key);
    byKey.set(
      key,
      before === undefined
        ? use
        : {
            ...use,
            runs: before.runs + use.runs,
            firstUsedAt: earlier(before.firstUsedAt, use.firstUsedAt),
            lastUsedAt:
              earlier(before.lastUsedAt, use.lastUsedAt) === before.lastUsedAt ? use.lastUsedAt : before.lastUsedAt,
          },
    );
  }
  return [...byKey.values()];
}

/** The oldest go first when the database is away for long: of templates none before any of fields. */
function bounded(
  { templates, fields }: { templates: readonly TemplateUse[]; fields: readonly FieldUse[] },
  most: number,
) {
  const kept = templates.slice(-most);
  return { templates: kept, fields: most > kept.length ? fields.slice(-(most - kept.length)) : [] };
}

const earlier = (a: Date, b: Date): Date => (a <= b ? a : b);
