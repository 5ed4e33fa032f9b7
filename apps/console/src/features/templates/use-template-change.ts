import { useChange } from '../../parts/use-change.ts';

const concerned = ['listed-templates', 'template', 'reports', 'grantable-templates'];

export const useTemplateChange = <Answer>(text: string) => useChange<Answer>(text, concerned);
