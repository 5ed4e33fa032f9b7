import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '@certfolio/core';
import { isReadableFile } from './readable-file.fs.ts';

/** How often a file is looked at, at the most. */
const lookEveryMs = 1_000;

/**
 * A secret that stands in a file; a changed file is used within a second. While the file cannot be read the last value
 * stays, since it is most often being replaced.
 *
 * @throws Error at once when there is no such file, or it is empty
 */
export function secretFromFile(path: string, clock: Clock): () => string {
  let value = readSecret(path);
  let modifiedMs = statSync(path).mtimeMs;
  let lookedMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lookedMs < lookEveryMs) return value;
    lookedMs = nowMs;
    try {
      const { mtimeMs } = statSync(path);
      if (mtimeMs !== modifiedMs) {
        value = readSecret(path);
        modifiedMs = mtimeMs;
      }
    } catch {
      return value;
    }
    return value;
  };
}

function readSecret(path: string): string {
  const secret = readFileSync(path, 'utf8').trim();
  if (secret === '') throw new Error(`The file ${path} holds no secret.`);
  return secret;
}

/** Why no secret can be read from a file, to follow its name; null when one can. */
export function secretFileProblem(path: string): string | null {
  if (!isReadableFile(path)) return 'names a file that cannot be read';
  return readFileSync(path, 'utf8').trim() === '' ? 'names a file that holds no secret' : null;
}
