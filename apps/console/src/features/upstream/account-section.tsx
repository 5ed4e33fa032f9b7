import { Alert, Text } from '@mantine/core';
import { Facts } from '../../parts/facts.tsx';
import { Section } from '../../parts/section.tsx';
import type { UpstreamAnswer } from './upstream-answer.ts';
import { clockText, keyKindText } from './upstream-words.ts';

export function AccountSection({ upstream }: { readonly upstream: UpstreamAnswer }) {
  const { account, host, accountId, accountName, keyKind, proxy, privateCa, clockAheadMs, reachable, error } = upstream;
  return (
    <Section title="Account">
      {!reachable && (
        <Alert color="red" role="alert" title="CertCentral is not reachable">
          <Text size="sm">{error ?? 'The gateway did not tell why.'}</Text>
        </Alert>
      )}
      <Facts
        of={[
          ['Reachable', reachable ? 'yes' : 'no'],
          ['Name in the configuration', account],
          ['Host', host],
          ['Account', accountName],
          ['Id of the account', accountId],
          ['Upstream key', keyKindText(keyKind)],
          ['Proxy', proxy ?? 'none, calls go directly'],
          ['Certificates of a private authority', privateCa ? 'trusted, too' : 'not trusted'],
          ['Clock of CertCentral', clockText(clockAheadMs)],
        ]}
      />
    </Section>
  );
}
