export { createLearnedCostStore } from './cost-memory.postgres.ts';
