import {
  Forbidden,
  factsOf,
  fieldsOfCondition,
  type OrderCondition,
  type OrderField,
  type OrderSort,
  type Principal,
} from '@certfolio/core';

interface Question {
  readonly conditions: readonly OrderCondition[];
  readonly sort?: readonly OrderSort[];
  readonly groupedBy?: readonly OrderField[];
}

/** How a key is made is told to everybody, though it is read out of the certificate request. */
function fieldsAskedBy(condition: OrderCondition): readonly OrderField[] {
  switch (condition.op) {
    case 'weakKey':
      return ['keyAlgorithm'];
    case 'not':
      return fieldsAskedBy(condition.condition);
    case 'anyOf':
      return condition.conditions.flatMap(fieldsAskedBy);
    default:
      return fieldsOfCondition(condition);
  }
}

/**
 * Which rows a filter finds, and in which order they come, tells of the values that it looks at: a key asks by fields only
 * that it may read.
 *
 * @throws Forbidden naming every field that the key has no right to
 */
export function assertMayAskBy({ fields }: Principal, { conditions, sort = [], groupedBy = [] }: Question): void {
  if (fields === 'all') return;
  const asked = new Set([...conditions.flatMap(fieldsAskedBy), ...sort.map(({ field }) => field), ...groupedBy]);
  const refused = [...asked].filter((field) => {
    const { sensitive } = factsOf(field);
    return sensitive !== null && !fields.has(sensitive);
  });
  if (refused.length > 0) {
    const message = `This key may not filter, sort or count by ${refused.join(', ')}, which it may not read.`;
    throw new Forbidden(message, { fields: refused });
  }
}
