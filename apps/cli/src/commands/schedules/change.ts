import { exitCodes, type ExitCode } from '@certfolio/client';
import type { Session } from '../../session.ts';
import { scheduleFields, stateText, type ScheduleAnswer } from './schedule-fields.ts';

const fields = scheduleFields(1, 1);

async function change(
  operation: string,
  variables: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<ExitCode> {
  const client = await session.client();
  const { schedule } = await client.query<{ schedule: ScheduleAnswer }>(operation, variables, {
    signal: session.signal,
  });
  if (session.json) session.terminal.line(JSON.stringify(schedule, null, 2));
  else
    session.terminal.line(
      `${schedule.name}: ${stateText(schedule)}${schedule.nextSlots[0] === undefined ? '' : `, next ${schedule.nextSlots[0].local}`}`,
    );
  return exitCodes.ok;
}

export const pauseSchedule = (
  name: string,
  { until, reason }: { readonly until?: string; readonly reason?: string },
  session: Session,
) =>
  change(
    `mutation ($name: String!, $until: DateTime, $reason: String) { schedule: pauseSchedule(name: $name, until: $until, reason: $reason) { ${fields} } }`,
    { name, until: until ?? null, reason: reason ?? null },
    session,
  );

export const resumeSchedule = (name: string, session: Session) =>
  change(`mutation ($name: String!) { schedule: resumeSchedule(name: $name) { ${fields} } }`, { name }, session);

export const handOver = (name: string, runAs: string, session: Session) =>
  change(
    `mutation ($name: String!, $runAs: ID!) { schedule: handOverSchedule(name: $name, runAs: $runAs) { ${fields} } }`,
    { name, runAs },
    session,
  );

export async function removeSchedule(name: string, session: Session): Promise<ExitCode> {
  const client = await session.client();
  await client.query('mutation ($name: String!) { removeSchedule(name: $name) }', { name }, { signal: session.signal });
  session.terminal.line(session.json ? JSON.stringify({ name, outcome: 'removed' }) : `${name}: removed`);
  return exitCodes.ok;
}

export async function testDestination(
  name: string,
  recipient: string | undefined,
  session: Session,
): Promise<ExitCode> {
  const client = await session.client();
  const { test } = await client.query<{
    test: { readonly destination: string; readonly recipient: string; readonly reference: string };
  }>(
    'mutation ($name: String!, $recipient: String) { test: testDestination(name: $name, recipient: $recipient) { destination recipient reference } }',
    { name, recipient: recipient ?? null },
    { signal: session.signal },
  );
  if (session.json) session.terminal.line(JSON.stringify(test, null, 2));
  else session.terminal.line(`${test.destination} took a test message for ${test.recipient}: ${test.reference}`);
  return exitCodes.ok;
}
