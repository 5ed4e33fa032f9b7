import type { DeprecatedField } from '@certfolio/execution';
import { reference, type Template } from '@certfolio/templates';

/** One thing that the caller should stop using: the template it ran, or a field of the schema that it selected. */
export type Deprecation = DeprecatedTemplate | DeprecatedField;

export interface DeprecatedTemplate {
  /** `name@version`. */
  readonly template: string;
  readonly reason: string;
  /** Day on which it stops. */
  readonly sunset?: string;
  /** What to use instead, `name@version`. */
  readonly use?: string;
}

/** `extensions.certfolio.deprecated`; absent when there is nothing to tell. */
export function deprecations(
  template: Template | null,
  fields: readonly DeprecatedField[],
): { readonly deprecated?: readonly Deprecation[] } {
  const ref = template?.state === 'deprecated' ? reference(template) : null;
  const ofTemplate = ref === null ? [] : [{ template: ref, reason: `Template ${ref} is deprecated.` }];
  const deprecated = [...ofTemplate, ...fields];
  return deprecated.length === 0 ? {} : { deprecated };
}
