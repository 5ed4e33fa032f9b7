import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const rows = 100_000;
/** What the product promises for the whole process; the exporters alone stay far below. */
const maxMegabytes = 300;

/** Linux only: the peak is read from /proc. */
(process.platform === 'linux' ? describe : describe.skip)(
  `${rows} rows of 18 columns, written by a process that does nothing else`,
  () => {
    it.each(['csv', 'ndjson', 'html', 'xlsx', 'parquet'])(
      `take less than ${maxMegabytes} MB as %s`,
      async (format) => {
        const { stdout } = await promisify(execFile)(process.execPath, [
          join(import.meta.dirname, 'write-rows.ts'),
          format,
          String(rows),
        ]);
        const { peakMegabytes, bytes } = JSON.parse(stdout) as { peakMegabytes: number; bytes: number };
        expect(bytes).toBeGreaterThan(1_000_000);
        expect(peakMegabytes).toBeLessThan(maxMegabytes);
      },
      600_000,
    );
  },
);
