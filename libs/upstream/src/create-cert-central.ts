import type {
  CertCentral,
  CertCentralAccount,
  CertCentralChanges,
  CertCentralOrderParts,
  ForwardedAnswer,
  ForwardedCall,
  UpstreamCall,
  Validation,
} from '@certfolio/core';
import { createAccountReads } from './account-reads.ts';
import { checkBaseUrl } from './base-url.ts';
import type { BudgetState, CallBudget } from './budget-port.ts';
import { createCircuitBreaker, type BreakerState } from './circuit-breaker.ts';
import { createForwarder } from './forward.http.ts';
import { openLoggedBudget } from './logged-budget.ts';
import { checkSettings, type CertCentralOptions, type CertCentralSettings } from './options.ts';
import { createOrderReads } from './order-reads.ts';
import { createCallBudget } from './paced-calls.ts';
import { readKeyState, type KeyState } from './probe/key-state.ts';
import { probeService, type ServiceProbe } from './probe/probe-service.ts';
import { createTransport } from './transport.http.ts';
import type { ProductInfo } from './wire/products.ts';

/** All reads of CertCentral. One client per upstream account. */
export interface CertCentralClient extends CertCentral, CertCentralChanges, CertCentralAccount, CertCentralOrderParts {
  productInfo(nameId: string, call: UpstreamCall): Promise<ProductInfo | null>;
  /** Null for an unknown organization. */
  organizationValidations(id: number, call: UpstreamCall): Promise<readonly Validation[] | null>;
  /** What the key may do and how far the clocks are apart, by one call that changes nothing. */
  keyState(call: UpstreamCall): Promise<KeyState>;
  /** Holds the service against what is assumed of it, by at most 10 calls. What fails is a finding. */
  probe(call: UpstreamCall): Promise<ServiceProbe>;
  /** Sends a call of a caller's own once, as it is but for its key. @throws as `CallForwarder.forward` */
  forward(call: ForwardedCall, on: UpstreamCall): Promise<ForwardedAnswer>;
  budgetState(): BudgetState;
  breakerState(): BreakerState;
  /** Refuses callers who wait, breaks off calls in flight, writes the call log. */
  stop(): Promise<void>;
}

/** @throws TypeError for a base URL or a setting that cannot be used */
export function createCertCentral(options: CertCentralOptions): CertCentralClient {
  const { clock, logger, random } = options;
  const baseUrl = checkBaseUrl(options.baseUrl);
  const settings = checkSettings(options.settings);
  const { budget, close } =
    options.budget === undefined
      ? openBudget(options, settings)
      : { budget: options.budget, close: async () => undefined };
  const breaker = createCircuitBreaker({ clock, ...settings.breaker });
  const shared = {
    baseUrl,
    apiKey: options.apiKey,
    userAgent: `certfolio/${options.version}`,
    budget,
    breaker,
    connections: settings.connections,
    timeouts: settings.timeouts,
    proxy: options.proxy ?? {},
    maxBodyBytes: settings.maxBodyBytes,
    maxReportBytes: settings.maxReportBytes,
    attempts: settings.attempts,
    backoff: { ...settings.backoff, random },
    logger,
    clock,
    onCall: options.onCall ?? (() => undefined),
  };
  const transport = createTransport(shared);
  const forwarder = createForwarder(shared);
  return {
    ...createOrderReads(transport, settings),
    ...createAccountReads(transport, settings),
    keyState: (call) => readKeyState(transport, () => clock.nowMs(), call),
    probe: (call) => probeService({ transport, settings, nowMs: () => clock.nowMs() }, call),
    forward: (call, on) => forwarder.forward(call, on),
    outlook: () => budget.outlook(),
    budgetState: () => budget.state(),
    breakerState: () => breaker.state,
    async stop() {
      if (options.budget === undefined) budget.stop();
      await Promise.all([transport.stop(), forwarder.stop()]);
      await close();
    },
  };
}

function openBudget(
  { budgetLogPath, clock, logger }: CertCentralOptions,
  { windows, maxQueued }: CertCentralSettings,
): { readonly budget: CallBudget; readonly close: () => Promise<void> } {
  if (budgetLogPath === undefined)
    return { budget: createCallBudget({ clock, windows, maxQueued }), close: async () => undefined };
  return openLoggedBudget({ path: budgetLogPath, windows, clock, logger }, (kept) =>
    createCallBudget({ clock, windows, maxQueued, ...kept }),
  );
}
