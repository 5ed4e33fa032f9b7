import { describe, expect, it } from '@jest/globals';
import { suggestTemplate } from './suggest-template.ts';
import type { RouteKey } from './legacy-route.ts';

/** The suggestion for values that are known, as `template?variable=value`. */
function calls(route: RouteKey, given: Record<string, string> = {}, isLoop = false): string | null {
  const suggestion = suggestTemplate(route, Object.keys(given), new Map(Object.entries(given)), isLoop);
  if (suggestion === null) return null;
  const variables = [...suggestion.variables].map(([name, value]) => `${name}=${value}`).join('&');
  return `${suggestion.template ?? suggestion.field}${variables === '' ? '' : `?${variables}`}`;
}
const notes = (route: RouteKey, given: Record<string, string>) =>
  suggestTemplate(route, Object.keys(given), new Map(Object.entries(given)))!.notes.join(' ');
const list = 'GET /order/certificate';

describe('what replaces a list of orders', () => {
  it('is the inventory of every status when none is asked for', () => {
    expect(calls(list)).toBe(
      'inventory-full?statuses=pending,needs_approval,needs_csr,processing,reissue_pending,waiting_pickup,issued,expired,revoked,rejected,canceled,other',
    );
  });

  it('counts expired orders as issued, as CertCentral does, and says so', () => {
    expect(calls(list, { 'filters[status]': 'issued' })).toBe('inventory-full?statuses=issued,expired');
    expect(notes(list, { 'filters[status]': 'issued' })).toContain('CertCentral counts expired orders as issued');
  });

  it('is the report about what was asked for', () => {
    expect(calls(list, { 'filters[status]': 'revoked' })).toBe('revoked?since=2000-01-01');
    expect(calls(list, { 'filters[status]': 'pending' })).toBe('stuck-orders?olderThanHours=0&statuses=pending');
    expect(calls(list, { 'filters[serial_number]': '0C1F' })).toBe('where-is-name?serial=0C1F');
    expect(calls(list, { 'filters[common_name]': 'a.example' })).toBe('where-is-name?name=a.example');
    expect(calls(list, { 'filters[status]': 'issued', 'filters[valid_till]': '<today+45d' })).toBe(
      'expiring-soon?excludeRenewed=false&days=45',
    );
  });

  it('finds what contains a text where CertCentral does', () => {
    expect(calls(list, { 'filters[status]': 'rejected', 'filters[common_name]': '%shop' })).toBe(
      'inventory-full?statuses=rejected&nameLike=%shop%',
    );
  });

  it('is no report of what expires for a lower bound', () => {
    const given = { 'filters[status]': 'issued', 'filters[valid_till]': '>2026-01-01' };
    expect(calls(list, given)).toBe('inventory-full?statuses=issued,expired');
    expect(notes(list, given)).toContain('filters[valid_till]: In a query of your own');
  });

  it('says what it could not map, and is silent about pages and columns', () => {
    const given = { 'filters[unheard]': '1', limit: '1000', offset: '0', sort: '-id' };
    expect(notes(list, given)).toContain('filters[unheard] was not mapped');
    expect(notes(list, given)).not.toMatch(/limit|offset|sort/);
  });

  it('never takes a guessed number of days for a fact', () => {
    const suggestion = suggestTemplate(list, ['filters[valid_till]']);
    expect(suggestion?.template).toBe('expiring-soon');
    expect(suggestion?.variables.get('days')).toBe('30');
    expect(suggestion?.notes.join()).toContain('days=30 is a guess');
  });

  it('stands open where only names are known', () => {
    const suggestion = suggestTemplate(list, ['filters[status]', 'filters[container_id]']);
    expect(suggestion?.template).toBe('inventory-full');
    expect(suggestion?.variables.get('statuses')).toBe('<status>');
    expect(suggestion?.variables.get('containerIds')).toBe('<container_id>');
  });
});

describe('what replaces other calls', () => {
  it('is one call for a loop over single orders, with the conditions of the list that feeds it', () => {
    const info = 'GET /order/certificate/{id}';
    expect(calls(info, { id: '<order_id>' })).toBe('order(id)?id=<order_id>');
    expect(calls(info, { 'filters[status]': 'issued' }, true)).toBe('inventory-full?statuses=issued,expired');
    expect(calls('GET /order/certificate/{id}/duplicate', {}, true)).toBe('duplicates-and-reissues');
  });

  it('counts whole days back for a window of status changes', () => {
    const route = 'GET /order/certificate/status-changes';
    expect(calls(route, { minutes: '1441' })).toBe('what-changed?fields=status&since=today-2d');
    expect(calls(route, { seconds: '60' })).toBe('what-changed?fields=status&since=today-1d');
  });

  it('depends on what an organization list is asked for', () => {
    expect(calls('GET /organization')).toBe('organizations(filter)');
    expect(calls('GET /organization', { include_validation: 'true' })).toBe('org-validation-expiry?days=3650');
  });

  it('is nothing for writes and for what the endpoint answers unchanged', () => {
    expect(calls('PUT /order/certificate/{id}/revoke')).toBeNull();
    expect(calls('POST /reports/query')).toBeNull();
    expect(calls('GET /nowhere')).toBeNull();
  });
});
