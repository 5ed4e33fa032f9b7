import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { CopiedText } from '../../parts/copied-text.tsx';
import { Failure } from '../../parts/failure.tsx';
import { useSession } from '../../session.tsx';
import {
  removedInWords,
  verdictOf,
  verifyText,
  walkLog,
  type VerificationStep,
  type Verified,
} from './verification.ts';

/** Walks the whole chain, however many calls that takes, and says what it found. */
export function VerifyLog() {
  const { client } = useSession();
  const [seen, setSeen] = useState(0);
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => walkLog(async (from) => (await client.query<Answer>(verifyText, { from })).verifyAudit, setSeen),
    onMutate: () => setSeen(0),
  });
  return (
    <Stack align="flex-start" gap="sm">
      <Button variant="default" onClick={() => mutate()} loading={isPending}>
        Verify
      </Button>
      <div role="status">
        {isPending && <Text size="sm">{seen.toLocaleString('en')} entries looked at so far …</Text>}
        {data !== undefined && <Verdict of={data} />}
      </div>
      {error !== null && <Failure error={error} />}
    </Stack>
  );
}

interface Answer {
  readonly verifyAudit: VerificationStep;
}

function Verdict({ of }: { readonly of: Verified }) {
  const { last } = of;
  const removed = removedInWords(last);
  return (
    <Alert
      variant="default"
      color={last.ok ? 'green' : 'red'}
      title={last.ok ? 'The log holds' : 'The log does not hold'}
    >
      <Stack gap="xs">
        <Text size="sm">{verdictOf(of)}</Text>
        {removed !== null && <Text size="sm">{removed}</Text>}
        {last.ok && of.entries > 0 && (
          <>
            <Text size="sm">
              The newest entry is number {last.headSeq} with this hash. Kept elsewhere, it shows later that nothing of
              today is gone: give it to "certfolio audit verify" as "--expect".
            </Text>
            <CopiedText label="hash" text={last.headHash} />
          </>
        )}
      </Stack>
    </Alert>
  );
}
