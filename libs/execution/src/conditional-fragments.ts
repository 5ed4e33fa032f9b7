import { Kind, visit, type DocumentNode } from 'graphql';

/**
 * Whether a document has conditions and a fragment that is spread more than once. graphql-jit 0.8.9 writes a spread's
 * `@skip` or `@include` on the fields of the fragment itself, so that it holds wherever else the fragment stands: fields are
 * left out that were asked for, and where one of them must not be null, its parent becomes null without an error.
 */
export function hasConditionalFragments(document: DocumentNode): boolean {
  let hasConditions = false;
  let isSpreadAgain = false;
  const spread = new Set<string>();
  visit(document, {
    [Kind.DIRECTIVE]: ({ name }) => void (hasConditions ||= name.value === 'skip' || name.value === 'include'),
    [Kind.FRAGMENT_SPREAD]: ({ name }) => {
      isSpreadAgain ||= spread.has(name.value);
      spread.add(name.value);
    },
  });
  return hasConditions && isSpreadAgain;
}
