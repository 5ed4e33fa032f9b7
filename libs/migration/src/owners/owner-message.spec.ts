import { expect, it } from '@jest/globals';
import { untouchedState } from '../rollout/route-state.ts';
import { scoreboard } from '../scoreboard/scoreboard.ts';
import type { RestUse } from '../usage/rest-usage.ts';
import { maxMessageRows, ownerMessages } from './owner-message.ts';

const route = 'GET /order/certificate';
const nowMs = Date.parse('2026-11-23T12:00:00Z');
const use = (keyId: string, more: Partial<RestUse> = {}): RestUse => ({
  ...{
    keyId,
    route,
    shape: 'limit',
    userAgent: 'curl/8',
    isTest: false,
    calls: 1,
    fromGraph: 0,
    refused: 0,
    failed: 0,
  },
  ...{ upstreamCalls: 1, firstUsedAt: new Date(nowMs), lastUsedAt: new Date(nowMs) },
  ...more,
});
const keys = new Map([
  ['key1', { name: 'nagios', owner: 'web' }],
  ['key2', { name: 'cmdb', owner: 'web' }],
  ['key3', { name: 'finance', owner: 'money' }],
]);
const messages = (uses: readonly RestUse[]) => {
  const states = [
    { ...untouchedState(route), state: 'sunset' as const, deadline: new Date('2027-01-31T00:00:00Z'), version: 1 },
  ];
  const board = scoreboard({ states, uses, days: [], parity: [], nowMs }, []);
  return ownerMessages(board, keys, { days: 7, publicUrl: 'https://certs.test' });
};

it('tells each owner of its own keys: what they call, what replaces it, until when', () => {
  const [money, web] = messages([
    use('key1', { route: 'GET /domain', calls: 1_200 }),
    use('key2', { calls: 34 }),
    use('key3', { route: 'GET /user/me', calls: 1 }),
  ]);
  expect(web).toMatchObject({
    owner: 'web',
    title: 'REST calls of web',
    headline: '1,234 calls of 2 routes by 2 keys in 7 days; the first deadline is 2027-01-31.',
    excerpt: {
      columns: ['Key', 'Route', 'Calls', 'State', 'Replaced by', 'Deadline'],
      rows: [
        ['cmdb', 'list-orders', '34', 'sunset', 'inventory-full', '2027-01-31'],
        ['nagios', 'list-domains', '1,200', 'proxied', 'dcv-expiry', ''],
      ],
    },
  });
  expect(money).toMatchObject({
    headline: '1 call of 1 route by 1 key in 7 days; no deadline is set.',
    excerpt: { rows: [['finance', 'the-user-of-the-key', '1', 'proxied', 'CertCentral alone', '']] },
  });
});

it('tells nobody of test traffic, and of keys that nobody knows', () => {
  expect(messages([use('key1', { isTest: true }), use('gone')])).toEqual([]);
});

it('says how much it left out', () => {
  const uses = Array.from({ length: maxMessageRows + 2 }, (_, at) => use('key1', { route: `GET /r${at}` }));
  const [web] = messages(uses);
  expect(web!.excerpt.rows).toHaveLength(maxMessageRows);
  expect(web!.facts).toContainEqual(['Left out', '2 lines']);
});
