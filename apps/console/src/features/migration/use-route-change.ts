import { useChange } from '../../parts/use-change.ts';

const concerned = ['migration', 'migration-route'];

export const useRouteChange = <Answer>(text: string) => useChange<Answer>(text, concerned);
