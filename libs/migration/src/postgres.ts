export {
  createComparisonStore,
  defaultSampleLimits,
  type SampleLimits,
} from './comparison/comparison-store.postgres.ts';
export { createRolloutLock } from './rollout/rollout-lock.postgres.ts';
export { createRouteStateStore } from './rollout/state-store.postgres.ts';
export { createRestUsageStore } from './usage/rest-usage.postgres.ts';
export { createMessageStore } from './owners/message-store.postgres.ts';
