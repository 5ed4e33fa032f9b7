import { Anchor, Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useSession } from '../../session.tsx';
import { DayCell, PlainCell, WrappedCell } from './key-cells.tsx';
import { KeyDetails } from './key-details.tsx';
import { stateOf } from './key-state.ts';
import { levelInWords, limitInWords, templatesInCell } from './key-words.ts';
import type { ListedKey } from './listed-key.ts';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';

type Act = 'details' | 'rotate' | 'revoke';

export interface KeysTableProps {
  readonly keys: readonly ListedKey[];
  /** Also those that are not shown: a key that was just revoked stays in its dialog. */
  readonly all: readonly ListedKey[];
  readonly nowMs: number;
  readonly empty: string;
}

/** One dialog of each sort for all rows: one in every row is felt with some hundred keys. */
export function KeysTable({ keys, all, nowMs, empty }: KeysTableProps) {
  const mayChange = useSession().may('keys:write');
  const [chosen, setChosen] = useState<{ readonly act: Act; readonly id: string } | null>(null);
  const [isOpen, { open, close }] = useDisclosure(false);
  const choose = (act: Act, { id }: ListedKey) => {
    setChosen({ act, id });
    open();
  };
  const chosenKey = all.find(({ id }) => id === chosen?.id) ?? null;
  const isFor = (act: Act) => isOpen && chosen?.act === act;
  return (
    <>
      <DataTable
        caption="Keys"
        columns={columnsOf(nowMs, mayChange, choose)}
        rows={keys}
        keyOf={({ id }) => id}
        empty={empty}
      />
      <KeyDetails of={chosenKey} nowMs={nowMs} isOpen={isFor('details')} close={close} />
      <RotateKeyDialog of={chosenKey} isOpen={isFor('rotate')} close={close} />
      <RevokeKeyDialog of={chosenKey} isOpen={isFor('revoke')} close={close} />
    </>
  );
}

function columnsOf(
  nowMs: number,
  mayChange: boolean,
  choose: (act: Act, key: ListedKey) => void,
): readonly Column<ListedKey>[] {
  return [
    {
      title: 'Name',
      cell: (key) => (
        <Anchor component="button" type="button" fz="sm" ta="left" onClick={() => choose('details', key)}>
          {key.name}
        </Anchor>
      ),
    },
    { title: 'Owner', cell: ({ owner }) => owner },
    {
      title: 'State',
      cell: (key) => (
        <PlainCell>
          <StateBadge state={stateOf(key, nowMs)} />
        </PlainCell>
      ),
    },
    { title: 'Level', cell: ({ level }) => <PlainCell>{levelInWords(level)}</PlainCell> },
    { title: 'Templates', cell: ({ templates }) => <WrappedCell>{templatesInCell(templates)}</WrappedCell> },
    { title: 'Per minute', cell: (key) => <WrappedCell>{limitInWords(key)}</WrappedCell> },
    { title: 'Scopes', cell: ({ scopes }) => <WrappedCell>{scopes.join(', ') || 'None'}</WrappedCell> },
    { title: 'Last used', cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : <DayCell at={lastUsedAt} />) },
    { title: 'Expires', cell: ({ expiresAt }) => (expiresAt === null ? 'Never' : <DayCell at={expiresAt} />) },
    ...(mayChange
      ? [{ title: 'Actions', cell: (key: ListedKey) => <Actions of={key} nowMs={nowMs} choose={choose} /> }]
      : []),
  ];
}

interface ActionsProps {
  readonly of: ListedKey;
  readonly nowMs: number;
  readonly choose: (act: Act, key: ListedKey) => void;
}

function Actions({ of, nowMs, choose }: ActionsProps) {
  const state = stateOf(of, nowMs);
  if (state === 'REVOKED') return <>–</>;
  return (
    <Group gap={6} wrap="nowrap">
      {state === 'ACTIVE' && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Rotate ${of.name}`}
          onClick={() => choose('rotate', of)}
        >
          Rotate
        </Button>
      )}
      <Button size="compact-xs" variant="default" aria-label={`Revoke ${of.name}`} onClick={() => choose('revoke', of)}>
        Revoke
      </Button>
    </Group>
  );
}
