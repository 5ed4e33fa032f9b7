import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';

/** Lines are alike: a tenth of a full batch is left at the least effort, and twice the time leaves an eighth less of that. */
const level = constants.Z_BEST_SPEED;
/** Of one batch; what unpacks to more was not written by us. */
const maxBytes = 256 * 1024 * 1024;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Off the event loop. */
export const packLines = (lines: Buffer): Promise<Buffer> => pack(lines, { level });

/** Nothing of what somebody damaged, which then fits no hash. */
export async function unpackLines(packed: Buffer): Promise<string> {
  try {
    return (await unpack(packed, { maxOutputLength: maxBytes })).toString();
  } catch {
    return '';
  }
}
