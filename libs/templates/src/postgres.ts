export { createTemplateStore, type TemplateStoreOptions } from './template-store.postgres.ts';
export { createUsageStore } from './template-usage.postgres.ts';
