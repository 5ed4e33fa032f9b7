import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ReportTables } from './report-tables.ts';
import type { RunFile, RunStore } from './run-store.ts';

/** Bytes of a file that are in memory at a time. */
const partBytes = 262_144;

/** Files of runs, in parts. */
export function createRunFiles(db: Kysely<ReportTables>): Pick<RunStore, 'writeFile' | 'files' | 'readFile'> {
  return {
    async writeFile(id, name, mediaType, content) {
      await db.deleteFrom('run_files').where('run_id', '=', id).where('name', '=', name).execute();
      await db.deleteFrom('run_file_parts').where('run_id', '=', id).where('name', '=', name).execute();
      const hash = createHash('sha256');
      let bytes = 0;
      let part = 0;
      // Not one transaction, which a slow read would keep open; the file is there once its row is.
      for await (const chunk of inParts(content, partBytes)) {
        hash.update(chunk);
        bytes += chunk.length;
        await db.insertInto('run_file_parts').values({ run_id: id, name, part, content: chunk }).execute();
        part += 1;
      }
      const file: RunFile = { name, mediaType, bytes, sha256: hash.digest('hex') };
      await db
        .insertInto('run_files')
        .values({ run_id: id, name, media_type: mediaType, bytes, sha256: file.sha256 })
        .execute();
      return file;
    },

    async files(id) {
      const rows = await db.selectFrom('run_files').selectAll().where('run_id', '=', id).orderBy('name').execute();
      return rows.map(({ name, media_type: mediaType, bytes, sha256 }) => ({ name, mediaType, bytes, sha256 }));
    },

    async *readFile(id, name) {
      for (let part = 0; ; part += 1) {
        const row = await db
          .selectFrom('run_file_parts')
          .select('content')
          .where('run_id', '=', id)
          .where('name', '=', name)
          .where('part', '=', part)
          .executeTakeFirst();
        if (row === undefined) return;
        yield row.content;
      }
    },
  };
}

/** Chunks of one size, the last one smaller. */
async function* inParts(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of content) {
    held.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    length += chunk.byteLength;
    if (length < size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    for (; length - at >= size; at += size) yield all.subarray(at, at + size);
    held = [all.subarray(at)];
    length -= at;
  }
  if (length > 0) yield Buffer.concat(held);
}
