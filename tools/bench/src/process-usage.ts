import { readFileSync, readdirSync } from 'node:fs';

/** Ticks of /proc, one hundred per second on every Linux that Node runs on. */
const tickMs = 10;
const pageBytes = 4_096;

export interface Usage {
  /** User and system time by process. */
  readonly cpuMs: ReadonlyMap<number, number>;
  readonly rssBytes: number;
}

/** CPU and memory of processes and all that they started, as the system counts them. */
export function readUsage(roots: readonly number[]): Usage {
  const cpuMs = new Map<number, number>();
  let rssBytes = 0;
  for (const pid of withDescendants(roots)) {
    const stat = readStat(pid);
    if (stat === null) continue;
    cpuMs.set(pid, stat.cpuMs);
    rssBytes += stat.rssBytes;
  }
  return { cpuMs, rssBytes };
}

/** A process that began in between counts whole, one that ended counts nothing. */
export function cpuMsBetween(before: Usage, after: Usage): number {
  let sum = 0;
  for (const [pid, ms] of after.cpuMs) sum += ms - (before.cpuMs.get(pid) ?? 0);
  return sum;
}

/** Memory that pages of one program share between its processes is counted for each. */
export function rssBytesOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (readStat(pid)?.rssBytes ?? 0), 0);
}

export function withDescendants(roots: readonly number[]): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat === null) continue;
    const siblings = children.get(stat.parent);
    if (siblings === undefined) children.set(stat.parent, [Number(name)]);
    else siblings.push(Number(name));
  }
  const found: number[] = [];
  const queue = [...roots];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    found.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

function readStat(pid: number): { readonly parent: number; readonly cpuMs: number; readonly rssBytes: number } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // it has ended
  }
  // The name in brackets may hold spaces; fields are counted from behind it (proc_pid_stat(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    parent: Number(fields[1]),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    rssBytes: Number(fields[21]) * pageBytes,
  };
}
