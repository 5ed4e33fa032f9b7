import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Failure } from '../../parts/failure.tsx';
import { useSession } from '../../session.tsx';
import type { RunFile } from './run-answer.ts';
import { bytesText, shortFileName } from './run-words.ts';
import { saveFile } from '../../parts/save-file.ts';

/** Fetches a file of a run with the key. */
export function FileButton({ file, of }: { readonly file: RunFile; readonly of: string }) {
  const { client } = useSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const { body } = await client.download(file.path);
      await saveFile(body, file.name, file.mediaType);
    },
  });
  const label = `${shortFileName(file.name)}, ${bytesText(file.bytes)}`;
  return (
    <Stack gap={4} align="flex-start">
      <Button
        size="compact-sm"
        variant="default"
        loading={isPending}
        onClick={() => mutate()}
        title={`Download ${file.name}`}
        aria-label={`${label}, of ${of}: download`}
      >
        {label}
      </Button>
      {error !== null && <Failure error={error} />}
    </Stack>
  );
}
