import type { Answer } from '@certfolio/pipeline';
import type { Visit } from './request-facts.ts';

/** `extensions.certfolio`: the one place where an answer tells of itself. Null members are left out, but for those that are facts by being null. */
export function certfolioExtensions(
  { requestId, wouldLimit }: Pick<Visit, 'requestId' | 'wouldLimit'>,
  { reads, template, cost, rows }: Pick<Answer, 'reads' | 'template' | 'cost' | 'rows'>,
): Record<string, unknown> {
  const { plans, expectedCalls: _forPlansOnly, expectedRows: _forEstimates, ...told } = reads;
  return {
    requestId,
    ...(template === null ? {} : { template: { name: template.name, version: template.version, id: template.id } }),
    ...told,
    rows,
    cost,
    ...(wouldLimit.size === 0 ? {} : { wouldLimit: [...wouldLimit] }),
    ...(template?.state === 'deprecated'
      ? { deprecated: `Template ${template.name}@${template.version} is deprecated.` }
      : {}),
    plans,
  };
}
