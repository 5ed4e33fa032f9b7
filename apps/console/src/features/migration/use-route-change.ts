import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../session.tsx';

/** A mutation after which the scoreboard is read anew. */
export function useRouteChange(text: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (variables: Readonly<Record<string, unknown>>) => client.query(text, variables),
    onSuccess: () =>
      Promise.all(['migration', 'migration-route'].map((name) => queries.invalidateQueries({ queryKey: [name] }))),
  });
}
