import type { Order } from '@certfolio/core';

/** Why an order may lapse without anybody noticing. */
export type RenewalRisk = 'no_auto_renew' | 'notices_off' | 'manual_dcv';

type Facts = Pick<Order, 'autoRenew' | 'disableRenewalNotifications' | 'dcvMethod'>;

/** The one method of domain control validation that a person has to answer each time. */
const manualMethod = 'email';

/** Of facts that are not known, nothing is said. */
export function renewalRisksOf({ autoRenew, disableRenewalNotifications, dcvMethod }: Facts): readonly RenewalRisk[] {
  return [
    ...(autoRenew === false ? (['no_auto_renew'] as const) : []),
    ...(disableRenewalNotifications === true ? (['notices_off'] as const) : []),
    ...(dcvMethod === manualMethod ? (['manual_dcv'] as const) : []),
  ];
}

/**
 * `high`: somebody has to act and nobody is told. `medium`: nobody is told of what should go by itself, or two things wait for
 * somebody who is told. `low`: one thing does. Null when something that decides is not known and no risk is.
 */
export function renewalRiskLevelOf(facts: Facts): 'none' | 'low' | 'medium' | 'high' | null {
  const risks = renewalRisksOf(facts);
  const isQuiet = risks.includes('notices_off');
  const waits = risks.filter((risk) => risk !== 'notices_off').length;
  if (isQuiet) return waits > 0 ? 'high' : 'medium';
  if (waits > 0) return waits > 1 ? 'medium' : 'low';
  return facts.autoRenew == null || facts.disableRenewalNotifications == null ? null : 'none';
}

/**
 * Whether the next certificate comes by itself: CertCentral renews the order, and no e-mail has to be answered to show control of
 * the domains. Who places tokens is not known, so token methods count as automated.
 */
export function renewalAutomationOf({ autoRenew, dcvMethod }: Facts): 'automated' | 'depends_on_person' | 'unknown' {
  if (autoRenew === false || dcvMethod === manualMethod) return 'depends_on_person';
  return autoRenew === true ? 'automated' : 'unknown';
}
