import { Button, Checkbox, Group, Modal, NativeSelect, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { useSession } from '../../session.tsx';
import { createdKeyFields, type CreatedKey } from './created-key.ts';
import { keysQueryKey, type ListedKey } from './listed-key.ts';
import type { KeyDialogProps } from './revoke-key-dialog.tsx';
import { overlapSeconds, type OverlapUnit } from './rotation.ts';
import { ShownSecret } from './shown-secret.tsx';

const rotateText = `mutation RotateKey($id: ID!, $overlapSeconds: Int!, $adopted: Boolean!) {
  rotateKey(id: $id, overlapSeconds: $overlapSeconds, adopted: $adopted) ${createdKeyFields}
}`;

interface Rotation {
  readonly id: string;
  readonly overlapSeconds: number;
  readonly adopted: boolean;
}

export function RotateKeyDialog({ of, isOpen, close }: KeyDialogProps) {
  const { client } = useSession();
  const queries = useQueryClient();
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: (rotation: Rotation) => client.query<{ rotateKey: CreatedKey }>(rotateText, { ...rotation }),
    // Not awaited: the secret is there before the list is.
    onSuccess: () => void queries.invalidateQueries({ queryKey: keysQueryKey }),
    gcTime: 0,
  });
  const created = data?.rotateKey ?? null;
  const leave = () => {
    // The answer on its way has a secret that nobody could see otherwise.
    if (isPending) return;
    reset();
    close();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={leave}
      title={created === null ? `Rotate ${of?.name}` : `New secret of ${created.key.name}`}
      size="lg"
      // A slip of the hand must not lose what is shown once.
      closeOnClickOutside={created === null}
      closeOnEscape={created === null}
      // The dialog is empty as soon as it is left; it is not seen to be.
      transitionProps={{ duration: 0 }}
    >
      {created !== null && <ShownSecret of={created} close={leave} />}
      {created === null && of !== null && (
        <RotationForm of={of} rotate={mutate} isPending={isPending} error={error} cancel={leave} />
      )}
    </Modal>
  );
}

interface RotationFormProps {
  readonly of: ListedKey;
  readonly rotate: (rotation: Rotation) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly cancel: () => void;
}

function RotationForm({ of, rotate, isPending, error, cancel }: RotationFormProps) {
  const [amount, setAmount] = useState<number | string>(7);
  const [unit, setUnit] = useState<OverlapUnit>('days');
  const [adopted, setAdopted] = useState(false);
  const seconds = overlapSeconds(amount, unit);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (seconds !== null) rotate({ id: of.id, overlapSeconds: seconds, adopted });
  };
  return (
    <Stack component="form" onSubmit={submit}>
      <Text size="sm">
        The key gets a new secret and keeps its rights. Its other secrets go on working for the overlap; with 0 they end
        at once.
      </Text>
      <Group align="flex-start">
        <NumberInput
          label="Overlap"
          value={amount}
          onChange={setAmount}
          min={0}
          w={120}
          error={seconds === null ? 'A number from 0 on.' : null}
          data-autofocus
        />
        <NativeSelect
          label="Unit"
          data={['days', 'hours']}
          value={unit}
          onChange={(event) => setUnit(event.currentTarget.value === 'hours' ? 'hours' : 'days')}
          w={120}
        />
      </Group>
      {of.secrets.some(({ kind }) => kind === 'ADOPTED') && (
        <Checkbox
          label="CertCentral keys that open it end as well"
          checked={adopted}
          onChange={(event) => setAdopted(event.currentTarget.checked)}
        />
      )}
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending}>
          Rotate
        </Button>
      </Group>
    </Stack>
  );
}
