import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Failure } from '../../parts/failure.tsx';
import { useSession } from '../../session.tsx';
import { keysQueryKey, type ListedKey } from './listed-key.ts';

const revokeText = 'mutation RevokeKey($id: ID!) { revokeKey(id: $id) { id } }';

export interface KeyDialogProps {
  /** Null before one was chosen: a dialog that is there from the start knows where the keyboard was before. */
  readonly of: ListedKey | null;
  readonly isOpen: boolean;
  readonly close: () => void;
}

export function RevokeKeyDialog({ of, isOpen, close }: KeyDialogProps) {
  const { client } = useSession();
  const queries = useQueryClient();
  const { mutate, error, isPending, reset } = useMutation({
    mutationFn: (id: string) => client.query(revokeText, { id }),
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: keysQueryKey });
    },
  });
  const leave = () => {
    reset();
    close();
  };
  return (
    <Modal opened={isOpen} onClose={leave} title={`Revoke ${of?.name}`}>
      {of !== null && (
        <Stack>
          <Consequences of={of} />
          {error !== null && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              Cancel
            </Button>
            <Button color="red" onClick={() => mutate(of.id)} loading={isPending}>
              Revoke
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Consequences({ of: { id, schedules } }: { readonly of: ListedKey }) {
  const { caller } = useSession();
  return (
    <>
      <Text size="sm">
        The key is refused from now on, with all of its secrets, on every replica within 5 seconds. This cannot be taken
        back.
      </Text>
      {schedules.length > 0 && (
        <Text size="sm">
          Runs of these schedules fail until they are handed over to another key: {schedules.join(', ')}.
        </Text>
      )}
      {caller?.keyId === id && (
        <Text size="sm" fw={600}>
          You are signed in with this key.
        </Text>
      )}
    </>
  );
}
