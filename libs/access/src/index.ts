export {
  createAuthenticator,
  type Authenticated,
  type Authenticator,
  type AuthenticatorOptions,
  type KeyPlace,
} from './authenticator.ts';
export type { RandomBytes } from './base62.ts';
export { keyHeadersOf, readPresentedKey, type HeaderValues } from './credentials.ts';
export {
  maxOwedBuckets,
  settleTokens,
  takeTokens,
  type BucketState,
  type TakeRequest,
  type TakeResult,
} from './gcra.ts';
export { createInsurance, type Insurance } from './insurance.ts';
export { createInsuredLimitStore } from './insured-limit-store.ts';
export { generateKey, hashKey, parseKey, type GeneratedKey, type KeyShape } from './key-format.ts';
export {
  adminPolicy,
  restRightOf,
  parseKeyPolicy,
  policyInput,
  type KeyPolicy,
  type KeyPolicyInput,
} from './key-policy.ts';
export {
  isLive,
  principalOf,
  type CreatedKey,
  type FoundKey,
  type Key,
  type KeyCheck,
  type KeyOrigin,
  type KeySecret,
  type KeyStore,
  type KeyUse,
  type Rotation,
  type SecretFacts,
} from './key-store.ts';
export { createLastUsedRecorder, type LastUsedRecorder } from './last-used.ts';
export { createMemoryLimitStore, type LimitStore, type Taken } from './limit-store.ts';
export {
  createPassThrough,
  minForeignKeyLength,
  type PassThrough,
  type PassThroughOptions,
  type PassThroughPolicy,
} from './pass-through.ts';
export { createInsuredPlaces, createMemoryPlaces, type LocalPlaces, type Place, type Places } from './places.ts';
export { rateLimitHeaders, type RateFacts } from './rate-limit-headers.ts';
export {
  createRequestLimiter,
  LimitReached,
  type Admission,
  type Charge,
  type LimitLevel,
  type LimitName,
  type RequestLimiter,
} from './request-limiter.ts';
