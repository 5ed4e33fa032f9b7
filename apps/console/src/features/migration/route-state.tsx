import { Group } from '@mantine/core';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { ProgressAnswer } from './migration-answer.ts';

export const RouteState = ({ state, percent }: Pick<ProgressAnswer, 'state' | 'percent'>) => (
  // A badge in a narrow cell is cut otherwise.
  <Group gap={6} wrap="nowrap" miw="max-content">
    <StateBadge state={state} />
    {state === 'RAMPING' && <span style={{ whiteSpace: 'nowrap' }}>{percent} %</span>}
  </Group>
);
