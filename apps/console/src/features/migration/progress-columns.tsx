import { Text } from '@mantine/core';
import type { Column } from '../../parts/data-table.tsx';
import { When } from '../../parts/when.tsx';
import type { ProgressAnswer } from './migration-answer.ts';
import { Replacement } from './replacement.tsx';
import { countText, parityText } from './route-words.ts';

/** Of routes, and of the keys on one. */
export const progressColumns: readonly Column<ProgressAnswer>[] = [
  { title: 'Calls', cell: ({ calls }) => countText(calls), isNumber: true },
  { title: 'Last call', cell: ({ lastCallAt }) => <When at={lastCallAt} /> },
  { title: 'From the graph', cell: ({ callsFromGraph }) => countText(callsFromGraph), isNumber: true },
  {
    title: 'Parity',
    cell: ({ parity }) => (
      <Text size="sm" miw={120}>
        {parityText(parity)}
      </Text>
    ),
  },
  { title: 'Replaced by', cell: (progress) => <Replacement {...progress} /> },
  { title: 'Deadline', cell: ({ deadline }) => <Day at={deadline} /> },
  { title: 'Projected end', cell: ({ projectedEnd }) => <Day at={projectedEnd} /> },
];

const Day = ({ at }: { readonly at: string | null }) =>
  at === null ? (
    <>–</>
  ) : (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {at.slice(0, 10)}
    </time>
  );
