import type { Answer } from '@certfolio/pipeline';
import { deprecationOf, type DeprecationNotice } from '@certfolio/templates';

/** `extensions.certfolio`: the one place where an answer tells of itself. Null members are left out, but for those that are facts by being null. */
export function certfolioExtensions(
  requestId: string,
  { reads, template, cost, rows }: Pick<Answer, 'reads' | 'template' | 'cost' | 'rows'>,
): Record<string, unknown> {
  const { plans, expectedCalls: _forPlansOnly, ...told } = reads;
  const notice = template === null ? null : deprecationOf(template);
  return {
    requestId,
    ...(template === null ? {} : { template: { name: template.name, version: template.version, id: template.id } }),
    ...told,
    rows,
    cost,
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
