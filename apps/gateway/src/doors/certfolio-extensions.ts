import type { DeprecatedField } from '@certfolio/execution';
import type { Answer } from '@certfolio/pipeline';
import { deprecations } from './deprecations.ts';

/** `extensions.certfolio`: the one place where an answer tells of itself. Null members are left out, but for those that are facts by being null. */
export function certfolioExtensions(
  requestId: string,
  about: Pick<Answer, 'reads' | 'template' | 'cost' | 'rows'> & { readonly wouldLimit: ReadonlySet<string> },
  deprecatedFields: readonly DeprecatedField[],
): Record<string, unknown> {
  const { reads, template, cost, rows, wouldLimit } = about;
  const { plans, expectedCalls: _forPlansOnly, expectedRows: _forEstimates, ...told } = reads;
  return {
    requestId,
    ...(template === null ? {} : { template: { name: template.name, version: template.version, id: template.id } }),
    ...told,
    rows,
    cost,
    ...(wouldLimit.size === 0 ? {} : { wouldLimit: [...wouldLimit] }),
    ...deprecations(template, deprecatedFields),
    plans,
  };
}
