import type { Insurance } from './insurance.ts';
import type { LimitStore } from './limit-store.ts';

/** Buckets of all processes; of this one alone, in `insurer`, while the shared store fails. */
export function createInsuredLimitStore(shared: LimitStore, insurer: LimitStore, insurance: Insurance): LimitStore {
  return {
    take: (bucket, request) =>
      insurance.use(
        () => shared.take(bucket, request),
        () => insurer.take(bucket, request),
      ),
    settle: (bucket, request) =>
      insurance.use(
        () => shared.settle(bucket, request),
        () => insurer.settle(bucket, request),
      ),
  };
}
