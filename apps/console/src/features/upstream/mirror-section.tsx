import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ConfirmedButton } from '../../parts/confirmed-button.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.tsx';
import { Section } from '../../parts/section.tsx';
import { refreshText, upstreamKey, type MirrorAnswer, type UpstreamAnswer } from './upstream-answer.ts';
import { ordersText } from './upstream-words.ts';

/** How much of the account stands in the mirror. */
export function MirrorSection({ mirror }: { readonly mirror: MirrorAnswer | null }) {
  const refresh = useRefresh();
  const anew = useRefresh();
  if (mirror === null)
    return (
      <Section title="Mirror">
        <Text size="sm">There is no mirror; every read asks CertCentral.</Text>
      </Section>
    );
  const actions = (
    <>
      <Button
        variant="default"
        size="xs"
        loading={refresh.isPending}
        disabled={anew.isPending}
        onClick={() => refresh.mutate(false)}
      >
        Refresh
      </Button>
      <ConfirmedButton
        label="Read everything anew"
        of="from CertCentral"
        variant="default"
        size="xs"
        question="All orders are read again, which spends a call for each 1,000 of them, and more for what hangs on them. It may take minutes; reports go on meanwhile."
        act={() => anew.mutateAsync(true)}
      />
    </>
  );
  return (
    <Section title="Mirror" actions={actions}>
      <Facts
        of={[
          ['Data as of', mirror.dataAsOf === null ? 'not filled yet' : <When key="as-of" at={mirror.dataAsOf} />],
          ['Orders', ordersText(mirror)],
          ['Complete', mirror.complete ? 'yes, every order is in it' : 'not yet; reads ask CertCentral until it is'],
          ['Orders whose duplicates and reissues are still to be read', mirror.ordersLeft],
        ]}
      />
      {refresh.error !== null && <Failure error={refresh.error} />}
      {(refresh.isSuccess || anew.isSuccess) && (
        <Text size="sm" role="status">
          The mirror was read.
        </Text>
      )}
    </Section>
  );
}

function useRefresh() {
  const { client } = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (full: boolean) => client.query<{ readonly mirror: MirrorAnswer | null }>(refreshText, { full }),
    onSuccess: ({ mirror }) =>
      queries.setQueryData<UpstreamAnswer>(
        upstreamKey,
        (known) => (known === undefined ? known : { ...known, mirror }),
        // The rest of it is as old as before.
        { updatedAt: queries.getQueryState(upstreamKey)?.dataUpdatedAt ?? Date.now() },
      ),
  });
}
