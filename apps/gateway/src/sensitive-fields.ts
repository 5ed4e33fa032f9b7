import type { FieldRights } from '@certfolio/core';
import { sensitiveAccountFields } from '@certfolio/subgraph-account';
import { sensitiveOrderFields } from '@certfolio/subgraph-orders';
import { sensitiveOrganizationFields } from '@certfolio/subgraph-organizations';

/** `Type.field` to the rights it needs, of all subgraphs of this product. */
export const sensitiveFields: ReadonlyMap<string, FieldRights> = new Map<string, FieldRights>([
  ...sensitiveOrderFields,
  ...sensitiveOrganizationFields,
  ...sensitiveAccountFields,
]);

/** The same as templates are checked with it. */
export const sensitiveFieldsOf = {
  groupOf: (type: string, field: string) => sensitiveFields.get(`${type}.${field}`) ?? null,
};
