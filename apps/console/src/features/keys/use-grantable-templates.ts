import { queryOptions } from '@tanstack/react-query';
import { useSession } from '../../session.tsx';
import { templatesText, type GrantableTemplate } from './granted-template.ts';

/** The approved templates that the signed-in key may run, as the options of a query. */
export function useGrantableTemplates() {
  const { client } = useSession();
  return queryOptions({
    queryKey: ['grantable-templates'],
    queryFn: ({ signal }) => client.query<{ templates: readonly GrantableTemplate[] }>(templatesText, {}, { signal }),
    staleTime: 60_000,
  });
}
