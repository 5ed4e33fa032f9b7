import { createServer, type ServerResponse } from 'node:http';
import {
  containerIdOf,
  infoTail,
  mockOrganizations,
  organizationTexts,
  packInfoHeads,
  packListItems,
  statusOf,
} from './mock-data.ts';
import { sayReady } from './ready.ts';
import { firstOrderId, mockOrders, ordersPerUser } from './works.ts';

// CertCentral without its limits and its latency: bytes made at the start, so that what is measured is what stands before it.
const listItems = packListItems();
const infoHeads = packInfoHeads();
const organizations = organizationTexts();
const organizationList = Buffer.from(
  `{"organizations":[${organizations.join(',')}],"page":{"total":${mockOrganizations},"limit":1000,"offset":0}}`,
);
const account = Buffer.from('{"id":1,"billing_account_name":"Mock","primary_organization_name":"Mock"}');
/** A key that may only read the plain lists: the reports are refused, as CertCentral refuses them to view-only keys. */
const refusal = Buffer.from(
  '{"errors":[{"code":"access_denied|missing_permission","message":"Refused by the mock."}]}',
);
const notFound = Buffer.from('{"errors":[{"code":"not_found|order","message":"Not found."}]}');

let calls = 0;
let paths: string[] | null = null;
const base = '/services/v2';

const server = createServer((request, response) => {
  const url = request.url!;
  if (url.startsWith('/__bench/')) return control(url, response);
  calls += 1;
  const path = url.slice(base.length);
  paths?.push(decodeURIComponent(path));
  if (request.method !== 'GET') {
    request.resume();
    return send(response, 403, [refusal]);
  }
  if (path.startsWith('/order/certificate/'))
    return orderInfo(Number(path.slice('/order/certificate/'.length)), response);
  if (path.startsWith('/order/certificate?'))
    return orderList(new URLSearchParams(path.slice(path.indexOf('?'))), response);
  if (path.startsWith('/organization?')) return send(response, 200, [organizationList]);
  if (path.startsWith('/organization/')) {
    const text = organizations[Number.parseInt(path.slice('/organization/'.length), 10) - 5_001];
    return text === undefined ? send(response, 404, [notFound]) : send(response, 200, [Buffer.from(text)]);
  }
  if (path === '/account') return send(response, 200, [account]);
  return send(response, 403, [refusal]);
});

function orderInfo(id: number, response: ServerResponse): void {
  const index = id - firstOrderId;
  if (!(index >= 0 && index < mockOrders)) return send(response, 404, [notFound]);
  send(response, 200, [infoHeads.run(index, index + 1), infoTail]);
}

/** Rows of the filters that leave one run of ids; `status` and `container_id` are looked up among those. */
function orderList(query: URLSearchParams, response: ServerResponse): void {
  const limit = Number(query.get('limit') ?? 1_000);
  const offset = Number(query.get('offset') ?? 0);
  let [from, to] = [0, mockOrders];
  const id = query.get('filters[id]');
  if (id !== null) [from, to] = [Number(id) - firstOrderId, Number(id) - firstOrderId + 1];
  const user = query.get('filters[user_id]');
  if (user !== null) [from, to] = [Number(user), Math.min(mockOrders, Number(user) + ordersPerUser)];

  const status = query.get('filters[status]');
  const container = query.get('filters[container_id]');
  let rows: Buffer[];
  let total: number;
  if (status === null && container === null) {
    total = to - from;
    rows = [listItems.run(from + offset, Math.min(to, from + offset + limit))];
  } else {
    const matching: number[] = [];
    for (let index = from; index < to; index += 1) {
      if (status !== null && statusOf(index) !== status) continue;
      if (container === null || containerIdOf(index) === Number(container)) matching.push(index);
    }
    total = matching.length;
    const comma = Buffer.from(',');
    rows = matching
      .slice(offset, offset + limit)
      .flatMap((index, place) => [...(place === 0 ? [] : [comma]), listItems.run(index, index + 1)]);
  }
  const page = `],"page":{"total":${total},"limit":${limit},"offset":${offset}}}`;
  send(response, 200, [Buffer.from('{"orders":['), ...rows, Buffer.from(page)]);
}

function send(response: ServerResponse, status: number, pieces: readonly Buffer[]): void {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes });
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.end();
  response.uncork();
}

/** `stats` tells and forgets; `record` begins to keep paths. */
function control(url: string, response: ServerResponse): void {
  const answer = Buffer.from(JSON.stringify({ calls, paths: paths ?? [] }));
  calls = 0;
  paths = url === '/__bench/record' ? [] : null;
  send(response, 200, [answer]);
}

server.keepAliveTimeout = 120_000;
sayReady(server, '127.0.0.1');
