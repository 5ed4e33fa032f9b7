import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { globMatcher, ignorePatterns, languageOf, scannedExtensions, type SourceLanguage } from '@certfolio/migration';
import { CliError } from '../../cli-error.ts';

/** Larger files are made by programs, not written by people. */
export const maxFileBytes = 1024 * 1024;
/** Bytes looked at to tell a binary file, and to read the first line of one without an extension. */
const headBytes = 8192;
const ignoreFile = '.certfolioignore';
/** Folders that hold what others wrote. */
const foreign = new Set(['node_modules', '.git', '.hg', '.svn', '.terraform', '.venv', '__pycache__', '.nx']);

export interface SourceFile {
  /** From the folder of the scan, with `/`. */
  readonly name: string;
  readonly text: string;
  readonly language: SourceLanguage;
}

/** What a scan did not read, by path from its folder. */
export interface LeftOut {
  readonly unreadable: { readonly file: string; readonly reason: string }[];
  readonly tooLarge: string[];
  readonly binary: string[];
  /** Links; what they lead to within the folder is read there. */
  readonly links: string[];
  /** By `.certfolioignore`, `--include` and `--exclude`, of the files that would have been read. */
  excluded: number;
}

export interface SourceFilter {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * Reads the source files of a folder one after the other, in the order of their names.
 *
 * @throws CliError when there is no such folder or file
 */
export async function* readSources(dir: string, filter: SourceFilter, leftOut: LeftOut): AsyncGenerator<SourceFile> {
  const root = await realpath(dir).catch((error: Error) => {
    throw new CliError('FILE', `${dir} cannot be read: ${error.message}.`);
  });
  if (!(await lstat(root)).isDirectory()) {
    yield* readOne(dirname(root), basename(root), leftOut);
    return;
  }
  const ignored = (await readIgnored(root, leftOut)).map(globMatcher);
  const include = filter.include.map(globMatcher);
  const exclude = [...ignored, ...filter.exclude.map(globMatcher)];
  const isWanted = (name: string) =>
    (include.length === 0 || include.some((fits) => fits(name))) && !exclude.some((fits) => fits(name));
  for await (const name of walk(root, root, leftOut)) {
    if (name === ignoreFile) continue;
    if (isWanted(name)) yield* readOne(root, name, leftOut);
    else if (mayBeSource(name)) leftOut.excluded += 1;
  }
}

async function readIgnored(root: string, leftOut: LeftOut): Promise<readonly string[]> {
  try {
    const file = await open(join(root, ignoreFile));
    try {
      return ignorePatterns(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable(leftOut, ignoreFile, error);
    return [];
  }
}

async function* walk(root: string, dir: string, leftOut: LeftOut): AsyncGenerator<string> {
  const nameOf = (path: string) => relative(root, path).split(sep).join('/');
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    unreadable(leftOut, nameOf(dir) || '.', error);
    return [];
  });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isSymbolicLink()) leftOut.links.push(nameOf(path));
    else if (entry.isDirectory()) {
      if (!foreign.has(entry.name)) yield* walk(root, path, leftOut);
    } else if (entry.isFile()) yield nameOf(path);
  }
}

const extensionOf = (name: string) => /[^/]\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? null;

/** By its name alone; a file without an extension may begin with `#!`. */
function mayBeSource(name: string): boolean {
  const extension = extensionOf(name);
  return extension === null || scannedExtensions.includes(extension);
}

async function* readOne(root: string, name: string, leftOut: LeftOut): AsyncGenerator<SourceFile> {
  if (!mayBeSource(name)) return;
  try {
    const file = await open(join(root, name));
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      const head = buffer.subarray(0, bytesRead);
      if (extensionOf(name) === null && !head.subarray(0, 2).equals(Buffer.from('#!'))) return;
      if ((await file.stat()).size > maxFileBytes) return void leftOut.tooLarge.push(name);
      const encoding = encodingOf(head);
      if (encoding === 'utf-8' && head.includes(0)) return void leftOut.binary.push(name);
      // What was read from a place given does not move where reading goes on.
      const text = new TextDecoder(encoding).decode(await file.readFile());
      const language = languageOf(name, text);
      if (language !== null) yield { name, text, language };
    } finally {
      await file.close();
    }
  } catch (error) {
    unreadable(leftOut, name, error);
  }
}

/** PowerShell's editors write UTF-16. */
function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
}

const unreadable = (leftOut: LeftOut, file: string, error: unknown) =>
  void leftOut.unreadable.push({ file, reason: error instanceof Error ? error.message : String(error) });
