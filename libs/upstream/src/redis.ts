export {
  createSharedCallBudget,
  type SharedCallBudget,
  type SharedCallBudgetOptions,
} from './shared-call-budget.redis.ts';
export { connectRedisForBudget } from './shared-log.redis.ts';
