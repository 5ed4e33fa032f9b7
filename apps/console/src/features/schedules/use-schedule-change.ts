import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../session.tsx';

/** A mutation after which schedules and runs are read anew. */
export function useScheduleChange<Answer>(text: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (variables: Readonly<Record<string, unknown>>) => client.query<Answer>(text, variables),
    onSuccess: () =>
      Promise.all(
        ['schedules', 'schedule-names', 'runs'].map((name) => queries.invalidateQueries({ queryKey: [name] })),
      ),
  });
}
