export {
  createComparisonStore,
  defaultSampleLimits,
  type SampleLimits,
} from './comparison/comparison-store.postgres.ts';
export { createRolloutLock } from './rollout/rollout-lock.postgres.ts';
