export { createTemplateStore, type TemplateStoreOptions } from './template-store.postgres.ts';
