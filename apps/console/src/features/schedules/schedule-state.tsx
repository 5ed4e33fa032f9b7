import { Stack, Text } from '@mantine/core';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import type { ScheduleAnswer } from './schedule-answer.ts';

/** Whether it runs; while it is paused, until when and why. */
export function ScheduleState({ schedule }: { readonly schedule: ScheduleAnswer }) {
  const { state, pausedUntil, pausedReason } = schedule;
  return (
    <Stack gap={2} align="flex-start" miw="max-content">
      <StateBadge state={state} />
      {state === 'PAUSED' && pausedUntil !== null && (
        <Text size="xs" component="span">
          until <When at={pausedUntil} />
        </Text>
      )}
      {state === 'PAUSED' && pausedReason !== null && (
        <Text size="xs" component="span" maw={200}>
          {pausedReason}
        </Text>
      )}
    </Stack>
  );
}
