import { Group, Stack, Text } from '@mantine/core';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { RunDelivery } from './run-answer.ts';

/** Where a run went, and where it did not arrive. */
export function DeliveryList({ deliveries }: { readonly deliveries: readonly RunDelivery[] }) {
  if (deliveries.length === 0) return <>–</>;
  return (
    <Stack gap={4} miw={180} maw={320}>
      {deliveries.map(({ kind, destination, recipient, state, error }) => (
        <div key={`${kind} ${destination} ${recipient}`}>
          <Group gap={6}>
            <span>
              {destination}
              {recipient !== '' && ` (${recipient})`}
              {kind === 'failure' && ', notice of failure'}
            </span>
            <StateBadge state={state.toUpperCase()} />
          </Group>
          {error !== null && (
            <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
              {error}
            </Text>
          )}
        </div>
      ))}
    </Stack>
  );
}
