import type { Answer } from '@certfolio/pipeline';
import { deprecationOf, type DeprecationNotice } from '@certfolio/templates';

/** `extensions.certfolio`: the one place where an answer tells of itself. Null members are left out, but for those that are facts by being null. */
export function certfolioExtensions(
  requestId: string,
  about: Pick<Answer, 'reads' | 'template' | 'cost' | 'rows'> & { readonly wouldLimit: ReadonlySet<string> },
): Record<string, unknown> {
  const { reads, template, cost, rows, wouldLimit } = about;
  const { plans, expectedCalls: _forPlansOnly, expectedRows: _forEstimates, ...told } = reads;
  const notice = template === null ? null : deprecationOf(template);
  return {
    requestId,
    ...(template === null ? {} : { template: { name: template.name, version: template.version, id: template.id } }),
    ...told,
    rows,
    cost,
    ...(wouldLimit.size === 0 ? {} : { wouldLimit: [...wouldLimit] }),
    ...(notice === null ? {} : { deprecated: deprecationMember(notice) }),
    plans,
  };
}

function deprecationMember({ message, note, successor, sunset }: DeprecationNotice): Record<string, string> {
  return {
    message,
    ...(note === null ? {} : { note }),
    ...(successor === null ? {} : { successor }),
    ...(sunset === null ? {} : { sunset }),
  };
}
