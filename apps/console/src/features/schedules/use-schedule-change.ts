import { useChange } from '../../parts/use-change.ts';

const concerned = ['schedules', 'schedule-names', 'runs'];

export const useScheduleChange = <Answer>(text: string) => useChange<Answer>(text, concerned);
