import { exitCodes, type ExitCode } from '@certfolio/client';
import type { FileFinding } from '@certfolio/migration';
import type { Session } from '../../session.ts';
import { describeScan, scanAsJson, type Scanned } from './scan-output.ts';
import { readSources, type LeftOut } from './source-files.ts';

export interface ScanFlags {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Tells every call of CertCentral's REST API in a folder of scripts, and what replaces it. */
export async function scan(
  dir: string,
  { include = [], exclude = [] }: ScanFlags,
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const { groupByRoute, scanSource } = await import('@certfolio/migration');
  const leftOut: LeftOut = { unreadable: [], tooLarge: [], binary: [], links: [], excluded: 0 };
  const findings: FileFinding[] = [];
  const untold: Scanned['untold'][number][] = [];
  let files = 0;
  for await (const { name, text, language } of readSources(dir, { include, exclude }, leftOut)) {
    signal.throwIfAborted();
    files += 1;
    const found = scanSource(text, language);
    findings.push(...found.findings.map((finding) => ({ ...finding, file: name })));
    untold.push(...found.untold.map((call) => ({ ...call, file: name })));
  }
  const scanned: Scanned = { dir, files, routes: groupByRoute(findings), untold, leftOut };
  if (json) terminal.line(JSON.stringify(scanAsJson(scanned), null, 2));
  else for (const line of describeScan(scanned, terminal)) terminal.line(line);
  return exitCodes.ok;
}
