export { createUsageStore } from './template-usage.postgres.ts';
