import { Text } from '@mantine/core';
import type { Column } from '../../parts/data-table.tsx';
import { When } from '../../parts/when.tsx';
import type { FallbackAnswer, FieldAnswer, KeyAnswer, SampleAnswer } from './migration-answer.ts';
import { progressColumns } from './progress-columns.tsx';
import { RouteState } from './route-state.tsx';
import { countText, parityText } from './route-words.ts';

export const keyColumns: readonly Column<KeyAnswer>[] = [
  { title: 'Key', cell: ({ keyName, keyId }) => keyName ?? keyId },
  { title: 'Owner', cell: ({ owner }) => owner ?? '–' },
  { title: 'State', cell: (key) => <RouteState {...key} /> },
  { title: 'Own state', cell: ({ isOverride }) => (isOverride ? 'yes' : 'no, as the route') },
  ...progressColumns,
];

export const fieldColumns: readonly Column<FieldAnswer>[] = [
  { title: 'Field', cell: ({ field }) => <code>{field}</code> },
  { title: 'Different', cell: ({ parity }) => countText(parity.different), isNumber: true },
  { title: 'Equal when read anew', cell: ({ parity }) => countText(parity.passed), isNumber: true },
  { title: 'Parity', cell: ({ parity }) => parityText(parity) },
];

export const sampleColumns: readonly Column<SampleAnswer>[] = [
  { title: 'Place', cell: ({ place }) => <code>{place}</code> },
  { title: 'CertCentral', cell: ({ isShown, legacy }) => <Value isShown={isShown} value={legacy} /> },
  { title: 'Graph', cell: ({ isShown, graph }) => <Value isShown={isShown} value={graph} /> },
  { title: 'Owner', cell: ({ owner }) => owner },
  { title: 'When', cell: ({ at }) => <When at={at} /> },
  { title: 'Call', cell: ({ call }) => <Wrapped text={call} /> },
  { title: 'Request', cell: ({ requestId }) => <code>{requestId}</code> },
];

export const fallbackColumns: readonly Column<FallbackAnswer>[] = [
  { title: 'Reason', cell: ({ reason }) => reason },
  { title: 'Calls', cell: ({ calls }) => countText(calls), isNumber: true },
  { title: 'Last', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
];

function Value({ isShown, value }: { readonly isShown: boolean; readonly value: string | null }) {
  if (!isShown) return <>not for this key</>;
  return value === null ? <>absent</> : <Wrapped text={value} />;
}

const Wrapped = ({ text }: { readonly text: string }) => (
  <Text size="sm" ff="monospace" miw={160} maw={320} style={{ overflowWrap: 'anywhere' }}>
    {text}
  </Text>
);
