import { watch, type FSWatcher } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemplateRules } from './check-template.ts';
import {
  checkTemplateFolder,
  maxTemplateFileBytes,
  maxTemplateFiles,
  tooLargeFile,
  tooManyFiles,
  type FolderFile,
  type TemplateFolder,
} from './template-folder.ts';
import type { StoredVersion } from './template-store.ts';

/**
 * Reads and checks a folder of templates. Content never throws; it is told in `problems`, and with any problem the caller
 * keeps the set it had.
 *
 * @param stored what a text that was approved must still be
 * @returns null when there is no such folder
 * @throws Error when the folder exists and cannot be read
 */
export async function readTemplateFolder(
  dir: string,
  rules: TemplateRules,
  stored: readonly StoredVersion[] = [],
): Promise<TemplateFolder | null> {
  const names = await templateFileNames(dir);
  if (names === null) return null;
  if (names.length > maxTemplateFiles)
    return { templates: [], versions: [], problems: [tooManyFiles(names.length, maxTemplateFiles)] };
  const files: FolderFile[] = [];
  const tooLarge: string[] = [];
  for (const name of names) {
    const file = join(dir, name);
    if ((await stat(file)).size > maxTemplateFileBytes) tooLarge.push(name);
    else files.push({ name, bytes: await readFile(file) });
  }
  const folder = await checkTemplateFolder(files, rules, stored);
  return { ...folder, problems: [...tooLarge.map(tooLargeFile), ...folder.problems] };
}

export interface WatchOptions {
  /** Quiet time after a change before it is told. */
  readonly debounceMs?: number;
  /** Looks at the folder this often as well, for file systems that tell no changes. */
  readonly pollMs?: number;
}

/** From an event of the file system to a look at the folder. */
const lookAfterMs = 20;

export interface FolderWatch {
  close(): void;
}

/**
 * Calls `onChange` after files of the folder changed, once for changes close together. The folder may appear later.
 * The watch does not keep the process alive.
 */
export function watchTemplateFolder(dir: string, onChange: () => void, options: WatchOptions = {}): FolderWatch {
  const { debounceMs = 200, pollMs = 2_000 } = options;
  let watcher: FSWatcher | null = null;
  let pending: NodeJS.Timeout | null = null;
  let nextLook: NodeJS.Timeout | null = null;
  let isLooking = false;
  let isClosed = false;
  let seen: string | null = null;

  /** Thousands of files may change at once, and a look reads the facts of all: one at a time, and not after each event. */
  function lookSoon(): void {
    nextLook ??= setTimeout(() => {
      nextLook = null;
      if (isLooking) lookSoon();
      else void look();
    }, lookAfterMs).unref();
  }

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    const now = await fingerprint(dir);
    isLooking = false;
    if (isClosed) return;
    watcher ??= startWatcher();
    if (seen !== null && now !== seen) {
      if (pending !== null) clearTimeout(pending);
      pending = setTimeout(onChange, debounceMs).unref();
    }
    seen = now;
  }

  function startWatcher(): FSWatcher | null {
    try {
      const started = watch(dir, { persistent: false }, lookSoon);
      started.on('error', () => {
        started.close();
        watcher = null;
      });
      return started;
    } catch {
      return null; // polling goes on
    }
  }

  void look();
  const poll = setInterval(() => void look(), pollMs).unref();
  return {
    close() {
      isClosed = true;
      clearInterval(poll);
      if (pending !== null) clearTimeout(pending);
      if (nextLook !== null) clearTimeout(nextLook);
      watcher?.close();
    },
  };
}

/** Null when there is no folder. */
async function templateFileNames(dir: string): Promise<string[] | null> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && /\.(graphql|gql|yaml|yml)$/.test(entry.name))
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Names, sizes and times of the files; equal when nothing changed. A folder that cannot be read is told by reading it. */
async function fingerprint(dir: string): Promise<string> {
  try {
    const names = ((await templateFileNames(dir)) ?? []).sort();
    // A folder of so many files is refused; which ones they are is enough to see that it changed.
    if (names.length > maxTemplateFiles) return names.join('\n');
    const facts = names.map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(dir, name));
      return `${name}:${size}:${mtimeMs}:${ino}`;
    });
    return (await Promise.all(facts)).join('\n');
  } catch (error) {
    return `unreadable: ${String(error)}`;
  }
}
