import type { CustomFieldDefinition } from '@certfolio/core';
import { z } from 'zod';
import { looseFlag, looseId, looseText, parseWith, requiredLooseText } from './loose.ts';
import { parseList } from './page.ts';

const definition = z.object({
  id: looseId,
  label: requiredLooseText,
  is_required: looseFlag,
  is_active: looseFlag,
  data_type: looseText,
});

/** GET /account/metadata; `{}` for an account that has none. @throws WrongShape */
export function parseCustomFieldDefinitions(body: unknown): readonly CustomFieldDefinition[] {
  return parseList(body, 'metadata', (item) => {
    const wire = parseWith(definition, item);
    return {
      id: wire.id,
      label: wire.label,
      isRequired: wire.is_required ?? false,
      isActive: wire.is_active ?? true,
      dataType: wire.data_type,
    };
  });
}
