import type { Migration } from 'kysely/migration';
import * as keys from './0001-keys.ts';
import * as mirror from './0002-mirror.ts';
import * as templates from './0003-templates.ts';
import * as usage from './0004-usage.ts';
import * as keySecrets from './0005-keys.ts';
import * as templateCosts from './0006-template-costs.ts';
import * as audit from './0007-audit.ts';
import * as schedules from './0008-schedules.ts';
import * as auditBatches from './0009-audit-batches.ts';
import * as migrationFacade from './0010-migration-facade.ts';
import * as comparison from './0011-comparison.ts';
import * as sourceDocuments from './0012-source-documents.ts';
import * as packedAuditLines from './0013-packed-audit-lines.ts';

/** Every migration by name, in the order of the names. Listed by hand: what runs is what is imported. A released one never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-keys': keys,
  '0002-mirror': mirror,
  '0003-templates': templates,
  '0004-usage': usage,
  '0005-keys': keySecrets,
  '0006-template-costs': templateCosts,
  '0007-audit': audit,
  '0008-schedules': schedules,
  '0009-audit-batches': auditBatches,
  '0010-migration-facade': migrationFacade,
  '0011-comparison': comparison,
  '0012-source-documents': sourceDocuments,
  '0013-packed-audit-lines': packedAuditLines,
};
