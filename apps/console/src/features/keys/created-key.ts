import type { TemplateGrant } from './listed-key.ts';

/** What the gateway tells once. */
export interface CreatedKey {
  readonly secret: string;
  readonly url: string | null;
  readonly key: { readonly name: string; readonly templates: TemplateGrant };
}

export const createdKeyFields = '{ secret url key { name templates { all names tags } } }';
