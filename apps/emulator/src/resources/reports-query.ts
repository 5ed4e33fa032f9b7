import { type Route } from '../http/route.ts';
import { readReportsRequest } from '../reports-query/read-request.ts';
import { createReportsQuery } from '../reports-query/run-query.ts';
import { type World } from '../world.ts';

export function reportsQueryRoutes(world: World): readonly Route[] {
  const runQuery = createReportsQuery(world);
  return [
    { method: 'POST', pattern: '/reports/query', answer: (call) => runQuery(readReportsRequest(call), call.nowMs) },
  ];
}
