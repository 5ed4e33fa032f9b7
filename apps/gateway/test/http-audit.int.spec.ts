import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startRunningGateway, type RunningGateway } from './running-gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startRunningGateway();
});
afterAll(() => gateway.close());

describe("graphql-http's audits of a GraphQL over HTTP server, with an open key in production", () => {
  it('passes every one of them', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN' });
    const audits = serverAudits({
      url: `${gateway.url}/graphql`,
      fetchFn: (url: string, init: RequestInit = {}) => {
        const headers = new Headers(init.headers);
        headers.set('authorization', `Bearer ${secret}`);
        return fetch(url, { ...init, headers });
      },
    });

    const levels = new Map<string, { passed: number; failed: string[] }>();
    for (const audit of audits) {
      const level = /^\w+/.exec(audit.name)![0];
      const sum = levels.get(level) ?? { passed: 0, failed: [] };
      levels.set(level, sum);
      const result = await audit.fn();
      if (result.status === 'ok') sum.passed += 1;
      else sum.failed.push(`${audit.id} ${audit.name}: ${result.reason}`);
    }

    expect(Object.fromEntries(levels)).toEqual({
      MUST: { passed: 13, failed: [] },
      SHOULD: { passed: 23, failed: [] },
      MAY: { passed: 25, failed: [] },
    });
  });
});
