import type { DeprecatedField } from '@certfolio/execution';
import { deprecationOf, reference, type Template } from '@certfolio/templates';

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
  const ofTemplate = template === null ? [] : deprecatedTemplate(template);
  const deprecated = [...ofTemplate, ...fields];
  return deprecated.length === 0 ? {} : { deprecated };
}

function deprecatedTemplate(template: Template): readonly DeprecatedTemplate[] {
  const notice = deprecationOf(template);
  if (notice === null) return [];
  const { message: reason, sunset, successor } = notice;
  return [
    {
      template: reference(template),
      reason,
      ...(sunset === null ? {} : { sunset }),
      ...(successor === null ? {} : { use: successor }),
    },
  ];
}
