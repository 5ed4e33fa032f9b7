/**
 * What a backup does with a table. `kept`: it goes into every backup. `content`: that too, and a database with rows in it is
 * not overwritten unless asked to. `mirror`: read from CertCentral, so it may be left out. `left-out`: never.
 */
export type TableRole = 'kept' | 'content' | 'mirror' | 'left-out';

/**
 * Every table of the product; a test holds the list against the migrations. A table that is not in it is somebody else's in
 * the same schema, and is neither backed up nor replaced.
 */
export const tableRoles: ReadonlyMap<string, TableRole> = new Map([
  // A gateway has its own admin key from the start; `hasContent` looks at the others.
  ['api_keys', 'kept'],
  ['key_secrets', 'kept'],
  // Which accounts there are; what refers to them is nothing without.
  ['upstreams', 'kept'],
  ['upstream_keys', 'mirror'],
  ['mirrors', 'mirror'],
  ['mirror_groups', 'mirror'],
  ['mirror_orders', 'mirror'],
  ['mirror_certificates', 'mirror'],
  ['mirror_documents', 'mirror'],
  ['mirror_history', 'mirror'],
  ['mirror_lists', 'mirror'],
  // Every gateway has those of its folder; what was published or decided by people has keys.
  ['template_revision', 'kept'],
  ['template_versions', 'kept'],
  ['template_acts', 'kept'],
  ['template_ids', 'content'],
  ['template_uses', 'kept'],
  ['field_uses', 'kept'],
  ['template_costs', 'kept'],
  ['schedules', 'content'],
  ['report_runs', 'kept'],
  ['run_files', 'kept'],
  ['run_file_parts', 'kept'],
  ['run_deliveries', 'kept'],
  // Even a new gateway has a few entries; the head of a log that is replaced stands in the new one.
  ['audit_batches', 'kept'],
  ['audit_checkpoint', 'kept'],
  ['route_states', 'content'],
  ['route_state_revision', 'kept'],
  ['rest_uses', 'kept'],
  ['rest_fallbacks', 'kept'],
  ['migration_parity', 'kept'],
  ['migration_windows', 'kept'],
  ['migration_samples', 'kept'],
  ['migration_ignore_rules', 'content'],
  ['migration_messages', 'kept'],
  ['seen_operations', 'content'],
  ['seen_dropped', 'kept'],
  // What was applied is in the header.
  ['kysely_migration', 'left-out'],
  ['kysely_migration_lock', 'left-out'],
]);

export const roleOf = (table: string): TableRole => tableRoles.get(table) ?? 'left-out';
