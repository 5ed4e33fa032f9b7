import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes that work in a folder or name it in their command: the database server, its children and the emulator of a
 * product whose data folder it is. Null where the machine does not tell (only Linux has /proc).
 */
export function processesOf(folder: string): readonly FoundProcess[] | null {
  if (process.platform !== 'linux') return null;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const isOfFolder = command.includes(folder) || readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
        return isOfFolder ? [{ pid: Number(name), command }] : [];
      } catch {
        return []; // It ended meanwhile.
      }
    });
}
