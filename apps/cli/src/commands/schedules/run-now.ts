import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';

interface RunAnswer {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly rows: number | null;
  readonly attempts: number;
}

const fields = 'id state reason rows attempts';
const pollMs = 500;

/** Queues a run and waits for its end; it goes on when the waiting is interrupted. */
export async function runNow(
  name: string,
  { onlyFor, wait }: { readonly onlyFor?: string; readonly wait: boolean },
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  let { run } = await client.query<{ run: RunAnswer }>(
    `mutation ($name: String!, $onlyFor: String) { run: runSchedule(name: $name, onlyFor: $onlyFor) { ${fields} } }`,
    { name, onlyFor: onlyFor ?? null },
    { signal },
  );
  const progress = showProgress(terminal, (seconds) => `${run.id}: ${run.state.toLowerCase()}, ${seconds} s`);
  try {
    while (wait && (run.state === 'QUEUED' || run.state === 'RUNNING')) {
      await sleep(pollMs, undefined, { signal });
      ({ run } = await client.query<{ run: RunAnswer }>(
        `query ($id: ID!) { run(id: $id) { ${fields} } }`,
        { id: run.id },
        { signal },
      ));
    }
  } finally {
    progress.end();
  }
  if (json) terminal.line(JSON.stringify(run, null, 2));
  else {
    const rows = run.rows === null ? '' : `, ${counted(run.rows, 'row')}`;
    terminal.line(
      `${run.id}: ${run.state.toLowerCase().replaceAll('_', ' ')}${rows}${run.reason === null ? '' : `. ${printable(run.reason)}`}`,
    );
  }
  return run.state === 'FAILED' ? exitCodes.failed : exitCodes.ok;
}
