import type { AuditFilter, AuditStore } from './audit-store.ts';

const pageSize = 500;

/** Entries as lines of JSON, oldest first, with their place in the chain. A page is all that is in memory. */
export async function* exportLines(store: Pick<AuditStore, 'find'>, filter: AuditFilter): AsyncGenerator<string> {
  let beyond: number | null = null;
  for (;;) {
    const page = await store.find(filter, { order: 'oldest', beyond, limit: pageSize });
    if (page.length > 0)
      yield page
        .map(
          ({ seq, previousHash, hash, json }) =>
            `{"seq":${seq},"previousHash":"${previousHash}","hash":"${hash}","entry":${json}}\n`,
        )
        .join('');
    if (page.length < pageSize) return;
    beyond = page.at(-1)!.seq;
  }
}
