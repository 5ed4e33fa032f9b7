import { z } from 'zod';
import { BackupUnusable } from './errors.ts';

export const formatVersion = 1;
export const mediaType = 'application/vnd.certfolio.backup+gzip';

const table = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  columns: z.array(z.string()).min(1).max(1_600),
  rows: z.int().min(0),
});

const header = z.object({
  certfolio: z.literal('backup'),
  format: z.int(),
  version: z.string().max(100),
  madeAt: z.iso.datetime(),
  migrations: z.array(z.string().max(200)).max(1_000),
  withMirror: z.boolean(),
  tables: z.array(table).max(1_000),
});

/**
 * The first line. After it the rows of each table in this order, each a line: an array with the text of every column, as
 * PostgreSQL writes it, or null. The last line is a {@link BackupEnd}. All of it is one gzip stream.
 */
export type BackupHeader = z.output<typeof header>;
export type BackedUpTable = z.output<typeof table>;

/** The last line. */
export interface BackupEnd {
  /** SHA-256, hex, of every line before it with its line end. */
  readonly sha256: string;
}

/** @throws BackupUnusable */
export function parseHeader(line: string): BackupHeader {
  const value = parseJson(line);
  const isOurs = typeof value === 'object' && value !== null && 'certfolio' in value && value.certfolio === 'backup';
  if (!isOurs) throw new BackupUnusable('the file is no backup of Certfolio.');
  if (!('format' in value) || value.format !== formatVersion)
    throw new BackupUnusable(
      `it has the format ${JSON.stringify('format' in value ? value.format : null)?.slice(0, 40)}, and this release reads ${formatVersion}; use the release that wrote it, or a newer one.`,
    );
  const parsed = header.safeParse(value);
  if (!parsed.success) throw new BackupUnusable(`its header is wrong at "${parsed.error.issues[0]?.path.join('.')}".`);
  return parsed.data;
}

/** @throws BackupUnusable */
export function parseEnd(line: string): BackupEnd {
  const parsed = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }).safeParse(parseJson(line));
  if (!parsed.success) throw new BackupUnusable('its last line is not the one that ends a backup.');
  return parsed.data;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
