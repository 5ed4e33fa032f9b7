import type { DeprecatedField } from '@certfolio/execution';
import type { Answer } from '@certfolio/pipeline';
import { deprecations } from './deprecations.ts';

/** `extensions.certfolio`: the one place where an answer tells of itself. Null members are left out, but for those that are facts by being null. */
export function certfolioExtensions(
  requestId: string,
  { reads, template, cost, rows }: Pick<Answer, 'reads' | 'template' | 'cost' | 'rows'>,
  deprecatedFields: readonly DeprecatedField[],
): Record<string, unknown> {
  const { plans, expectedCalls: _forPlansOnly, ...told } = reads;
  return {
    requestId,
    ...(template === null ? {} : { template: { name: template.name, version: template.version, id: template.id } }),
    ...told,
    rows,
    cost,
    ...deprecations(template, deprecatedFields),
    plans,
  };
}
