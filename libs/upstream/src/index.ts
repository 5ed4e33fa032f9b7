export { checkBaseUrl } from './base-url.ts';
export { defaultWindows, type RollingWindow } from './call-budget.ts';
export type { BreakerState } from './circuit-breaker.ts';
export { createCertCentral, type CertCentralClient } from './create-cert-central.ts';
export type { CertCentralOptions, CertCentralSettings } from './options.ts';
export {
  createCallBudget,
  type BudgetState,
  type CallBudget,
  type CallBudgetOptions,
  type CallGrant,
  type CallRequest,
} from './paced-calls.ts';
export type { KeyKind, KeyState } from './probe/key-state.ts';
export type { Finding, FindingState, ReadFacts } from './probe/look.ts';
export type { ServiceProbe } from './probe/probe-service.ts';
export { proxyInUse } from './proxy-in-use.ts';
export type { CallReport, ProxyOptions, Timeouts } from './transport-options.ts';
export type { ProductInfo } from './wire/products.ts';
