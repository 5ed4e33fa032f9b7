import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../session.tsx';

/** A mutation after which whatever is read under these names is read anew. */
export function useChange<Answer>(text: string, names: readonly string[]) {
  const { client } = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (variables: Readonly<Record<string, unknown>>) => client.query<Answer>(text, variables),
    onSuccess: () => Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] }))),
  });
}
