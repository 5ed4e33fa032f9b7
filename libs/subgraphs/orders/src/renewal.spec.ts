import { expect, it } from '@jest/globals';
import { renewalAutomationOf, renewalRiskLevelOf, renewalRisksOf } from './renewal.ts';

const facts = (autoRenew: boolean | null, isQuiet: boolean | null, dcvMethod: string | null) => ({
  autoRenew,
  disableRenewalNotifications: isQuiet,
  dcvMethod,
});

it.each([
  [facts(true, false, 'dns-txt-token'), [], 'none', 'automated'],
  [facts(true, false, 'email'), ['manual_dcv'], 'low', 'depends_on_person'],
  [facts(false, false, null), ['no_auto_renew'], 'low', 'depends_on_person'],
  [facts(false, false, 'email'), ['no_auto_renew', 'manual_dcv'], 'medium', 'depends_on_person'],
  [facts(true, true, null), ['notices_off'], 'medium', 'automated'],
  [facts(true, true, 'email'), ['notices_off', 'manual_dcv'], 'high', 'depends_on_person'],
  [facts(false, true, null), ['no_auto_renew', 'notices_off'], 'high', 'depends_on_person'],
  [facts(null, false, null), [], null, 'unknown'],
  [facts(null, true, null), ['notices_off'], 'medium', 'unknown'],
])('%j', (given, risks, level, automation) => {
  expect([renewalRisksOf(given), renewalRiskLevelOf(given), renewalAutomationOf(given)]).toEqual([
    risks,
    level,
    automation,
  ]);
});
