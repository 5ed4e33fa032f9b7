import type { ReportOffer } from '@certfolio/client';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useSession } from '../../session.tsx';

/** A report with what only keys that send texts are told. */
export interface ListedReport extends ReportOffer {
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly lastUsedAt: string | null;
}

interface TemplateFacts {
  readonly name: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly lastUsedAt: string | null;
}

/** The reports that the key may run. */
export function useReports(): UseQueryResult<readonly ListedReport[]> {
  const { client, caller } = useSession();
  return useQuery({
    queryKey: ['reports'],
    queryFn: async ({ signal }) => {
      const [offers, templates] = await Promise.all([
        client.reports({ signal }),
        caller === null
          ? []
          : client
              .query<{ templates: readonly TemplateFacts[] }>(
                'query Templates { templates { name owner tags lastUsedAt } }',
                {},
                { signal },
              )
              .then((data) => data.templates),
      ]);
      // The newest version of a name comes first.
      const facts = new Map(templates.toReversed().map((template) => [template.name, template]));
      return offers.map((offer) => {
        const { owner = null, tags = [], lastUsedAt = null } = facts.get(offer.name) ?? {};
        return { ...offer, owner, tags, lastUsedAt };
      });
    },
  });
}
