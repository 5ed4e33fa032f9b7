import { expect, it } from '@jest/globals';
import { readReport } from './read-report.ts';

const request = { name: 'a', variables: new Map(), fresh: null };
const never = new AbortController().signal;

/** A client that answers these pieces; says whether all of them were read. */
function clientOf(pieces: readonly string[], headers: Record<string, string> = {}) {
  const asked: { readonly ref: string; readonly options: object }[] = [];
  let isRead = false;
  const body = async function* () {
    for (const piece of pieces) yield new TextEncoder().encode(piece);
    isRead = true;
  };
  const runTemplate = async (ref: string, options: object) => {
    asked.push({ ref, options });
    return { headers: new Headers(headers), requestId: 'r1', body: body() };
  };
  return { client: { runTemplate }, asked, isRead: () => isRead };
}

it('reads rows however the bytes are cut, and what the head says of them', async () => {
  const { client, asked } = clientOf(['{"id":"1","na', 'me":"é"}\n{"id"', ':"2","name":null}\n'], {
    'certfolio-total-rows': '2',
    'certfolio-truncated': 'true',
    'certfolio-stale': 'true',
    'certfolio-errors': '1',
    'certfolio-unavailable-fields': 'Order.cost',
  });
  expect(await readReport(client, { ...request, fresh: 'live' }, never)).toEqual({
    columns: ['id', 'name'],
    rows: [
      { id: '1', name: 'é' },
      { id: '2', name: null },
    ],
    hasMore: false,
    totalRows: 2,
    isTruncated: true,
    dataAsOf: null,
    source: null,
    isStale: true,
    unavailableFields: 'Order.cost',
    errors: 1,
    requestId: 'r1',
  });
  expect(asked).toEqual([{ ref: 'a', options: expect.objectContaining({ format: 'ndjson', fresh: 'live' }) }]);
});

it('stops reading when there is more than it may show, and says so', async () => {
  const { client, isRead } = clientOf(['{"id":1}\n', '{"id":2}\n', '{"id":3}\n', '{"id":4}\n']);
  const report = await readReport(client, request, never, 2);
  expect(report).toMatchObject({ rows: [{ id: 1 }, { id: 2 }], hasMore: true });
  expect(isRead()).toBe(false);
});

it('shows exactly as many as it may without saying that there is more', async () => {
  const { client, isRead } = clientOf(['{"id":1}\n{"id":2}\n']);
  expect(await readReport(client, request, never, 2)).toMatchObject({ hasMore: false });
  expect(isRead()).toBe(true);
});

it('has no columns without rows', async () => {
  expect(await readReport(clientOf([]).client, request, never)).toMatchObject({
    columns: [],
    rows: [],
    totalRows: null,
  });
});
