import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../session.tsx';
import { createdKeyFields, type CreatedKey } from './created-key.ts';
import { keysQueryKey } from './listed-key.ts';
import type { CreateKeyInput } from './new-key-draft.ts';
import { NewKeyForm } from './new-key-form.tsx';
import { ShownSecret } from './shown-secret.tsx';

const createText = `mutation CreateKey($input: CreateKeyInput!) { createKey(input: $input) ${createdKeyFields} }`;

export function NewKeyButton() {
  const { client } = useSession();
  const queries = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure(false);
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: (input: CreateKeyInput) => client.query<{ createKey: CreatedKey }>(createText, { input }),
    // Not awaited: the secret is there before the list is.
    onSuccess: () => void queries.invalidateQueries({ queryKey: keysQueryKey }),
    gcTime: 0,
  });
  const created = data?.createKey ?? null;
  const leave = () => {
    // The answer on its way has a secret that nobody could see otherwise.
    if (isPending) return;
    reset();
    close();
  };
  return (
    <>
      <Button onClick={open}>New key</Button>
      <Modal
        opened={isOpen}
        onClose={leave}
        title={created === null ? 'New key' : `Key ${created.key.name} is made`}
        size="lg"
        // A slip of the hand must lose neither what was typed nor what is shown once.
        closeOnClickOutside={false}
        closeOnEscape={created === null}
        // The dialog is empty as soon as it is left; it is not seen to be.
        transitionProps={{ duration: 0 }}
      >
        {created === null ? (
          <NewKeyForm create={mutate} isPending={isPending} error={error} cancel={leave} />
        ) : (
          <ShownSecret of={created} close={leave} />
        )}
      </Modal>
    </>
  );
}
