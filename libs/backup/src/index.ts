export { BackupUnusable, DatabaseHasContent } from './errors.ts';
export { formatVersion, mediaType } from './format.ts';
export { defaultUnpackLimits, type UnpackLimits } from './lines.ts';
export { roleOf, tableRoles, type TableRole } from './tables.ts';
