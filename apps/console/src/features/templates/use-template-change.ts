import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../session.tsx';
import { listedTemplatesKey } from './listed-template.ts';

/** A mutation after which templates and reports are read anew. */
export function useTemplateChange<Answer>(text: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (variables: Readonly<Record<string, unknown>>) => client.query<Answer>(text, variables),
    onSuccess: () =>
      Promise.all(
        [...listedTemplatesKey, 'template', 'reports', 'grantable-templates'].map((name) =>
          queries.invalidateQueries({ queryKey: [name] }),
        ),
      ),
  });
}
