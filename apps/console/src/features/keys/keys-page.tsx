import { Checkbox, Group, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { useSession } from '../../session.tsx';
import { shownKeys } from './key-state.ts';
import { KeysTable } from './keys-table.tsx';
import { keysQueryKey, keysText, type ListedKey } from './listed-key.ts';
import { NewKeyButton } from './new-key-button.tsx';

export function KeysPage() {
  const { client, may } = useSession();
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: keysQueryKey,
    queryFn: ({ signal }) => client.query<{ keys: readonly ListedKey[] }>(keysText, {}, { signal }),
  });
  return (
    <Page
      title="Keys"
      about="Who may ask this gateway, and for what. A click on a name shows all that is known of the key. Days are in UTC."
      actions={may('keys:write') && <NewKeyButton />}
    >
      {error !== null && <Failure error={error} />}
      {data === undefined ? (
        error === null && <Loading what="the keys" />
      ) : (
        <FoundKeys keys={data.keys} nowMs={dataUpdatedAt} />
      )}
    </Page>
  );
}

function FoundKeys({ keys, nowMs }: { readonly keys: readonly ListedKey[]; readonly nowMs: number }) {
  const [text, setText] = useState('');
  const [withEnded, setWithEnded] = useState(false);
  const shown = shownKeys(keys, { text: useDeferredValue(text), withEnded }, nowMs);
  return (
    <>
      <Group align="flex-end" gap="lg">
        <TextInput
          type="search"
          label="Search by name or owner"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w={260}
          autoComplete="off"
        />
        <Checkbox
          label="Show revoked and expired"
          checked={withEnded}
          onChange={(event) => setWithEnded(event.currentTarget.checked)}
          mb={8}
        />
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {shown.length} of {keys.length} keys
      </Text>
      <KeysTable keys={shown} all={keys} nowMs={nowMs} empty={emptyOf(keys.length, withEnded)} />
    </>
  );
}

function emptyOf(count: number, withEnded: boolean): string {
  if (count === 0) return 'There are no keys yet. Make the first with "New key".';
  return withEnded
    ? 'No key has this in its name or owner. Search for less.'
    : 'No active key has this in its name or owner. Search for less, or show the revoked and expired ones, too.';
}
