import { describe, expect, it } from '@jest/globals';
import { anyPrincipal } from '@certfolio/access/testing';
import type { ReadAccount } from '@certfolio/core';
import type { ReadyOperation } from '@certfolio/pipeline';
import { parse, type OperationDefinitionNode } from 'graphql';
import { RequestStory } from './request-story.ts';

const beginning = {
  requestId: 'r1',
  atMs: 1_000,
  principal: anyPrincipal(),
  from: '192.0.2.1',
  userAgent: 'curl/8',
  clientName: null,
};
const end = { door: 'report-url', status: 200, durationMs: 5, isSent: true };
const reads = (more: Partial<ReadAccount> = {}): ReadAccount => ({
  source: 'mirror',
  dataAsOf: null,
  upstreamCalls: 1,
  truncated: false,
  totalRows: null,
  expectedRows: [],
  stale: false,
  unavailableFields: [],
  plans: [],
  expectedCalls: 1,
  ...more,
});

function ready(text: string): ReadyOperation {
  const operation = parse(text).definitions[0] as OperationDefinitionNode;
  return {
    template: { name: 'expiring-soon', version: 2, id: 'abc' },
    prepared: { hash: 'h', source: text, selected: new Set(['Query.me']) },
    operation,
    variables: { days: 3 },
  } as unknown as ReadyOperation;
}

describe('the record of a request', () => {
  it('of which nothing is known but its end tells just that', () => {
    expect(new RequestStory(beginning).record(end)).toMatchObject({
      requestId: 'r1',
      decision: 'ok',
      status: 200,
      operation: null,
      rows: null,
      upstreamCalls: 0,
      cost: null,
    });
  });

  it('tells what ran', () => {
    const story = new RequestStory(beginning);
    story.isReady(ready('query Mine($days: Int) { me { name } }'));
    expect(story.record(end).operation).toEqual({
      template: { name: 'expiring-soon', version: 2, id: 'abc' },
      hash: 'h',
      text: 'query Mine($days: Int) { me { name } }',
      name: 'Mine',
      selected: new Set(['Query.me']),
      variables: { days: 3 },
      isMutation: false,
    });
  });

  it('of a report that streams tells rows, calls and errors as they are at its end, not as it began', () => {
    const story = new RequestStory(beginning);
    const report = { rows: 0, errors: 0, reads: reads() };
    story.answered(
      () => report.reads,
      () => report.rows,
      () => ({ estimated: 7, actual: 5, remaining: 100 }),
    );
    story.decided(() => (report.errors === 0 ? 'ok' : 'PARTIAL'));
    Object.assign(report, { rows: 2_500, errors: 1, reads: reads({ upstreamCalls: 3, truncated: true }) });
    expect(story.record(end)).toMatchObject({
      decision: 'PARTIAL',
      rows: 2_500,
      upstreamCalls: 3,
      truncated: true,
      cost: { estimated: 7 },
    });
  });

  it('of an answer that failed on its way has the code of the failure, though its status was sent before', () => {
    const story = new RequestStory(beginning);
    story.decided('ok');
    story.brokeOff('UPSTREAM_UNAVAILABLE');
    expect(story.record({ ...end, isSent: false })).toMatchObject({ decision: 'UPSTREAM_UNAVAILABLE', status: 200 });
    expect(story.failure()).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('of a client that went away says so, whatever was decided', () => {
    const story = new RequestStory(beginning);
    story.decided('ok');
    expect(story.record({ ...end, isSent: false }).decision).toBe('CLIENT_CLOSED');
  });
});
