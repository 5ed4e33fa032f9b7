import { existsSync, readFileSync } from 'node:fs';
import { isReadableFile } from './readable-file.fs.ts';

/** Read when it is in the working directory and no other is named. */
export const defaultConfigFile = 'certfolio.yaml';

export type ConfigFileText =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly path: string }
  | { readonly kind: 'text'; readonly path: string; readonly text: string };

/** The configuration file that is named, else the one that is there. */
export function readConfigFile(named: string | undefined): ConfigFileText {
  const path = named ?? defaultConfigFile;
  if (named === undefined && !existsSync(path)) return { kind: 'none' };
  return isReadableFile(path) ? { kind: 'text', path, text: readFileSync(path, 'utf8') } : { kind: 'unreadable', path };
}
