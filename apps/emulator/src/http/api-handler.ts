import { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bendAnswer, replacesAnswer } from '../faults/bend-answer.ts';
import { type Fault, type FaultList } from '../faults/fault.ts';
import { hideShift, shiftQuery } from '../faults/shift-page.ts';
import { type EmulatorClock } from '../clock.ts';
import { errorAnswer, json, type Answer } from './answer.ts';
import { ApiError, invalidKey, limitExceeded, missingPermission } from './api-error.ts';
import { isPermitted, type ApiKeys } from './api-keys.ts';
import { deliver } from './deliver.ts';
import { type CallLimits } from './limits.ts';
import { parseQuery } from './query.ts';
import { readBody } from './read-body.ts';
import { acceptedType, createRouter, CSV_TYPE, JSON_TYPE, type Route, type RouteMatch } from './route.ts';
import { type StatsCounter } from './stats.ts';

export interface ApiParts {
  readonly routes: readonly Route[];
  readonly keys: ApiKeys;
  readonly limits: CallLimits;
  readonly stats: StatsCounter;
  readonly faults: FaultList;
  readonly clock: EmulatorClock;
  /** Milliseconds to wait before each answer. */
  readonly drawLatencyMs: () => number;
  readonly sendsRetryAfter: boolean;
}

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  search: string,
) => Promise<void>;

/** Errors in the emulator itself are answered like the service's own. */
function answerOfError(error: unknown): Answer {
  if (error instanceof ApiError) return errorAnswer(error);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${message}\n`);
  return errorAnswer(new ApiError(500, 'internal_server_error', 'The emulator failed.'));
}

function patternOf(match: RouteMatch): string {
  if (match.kind === 'found') return match.route.pattern;
  return match.kind === 'other-method' ? match.pattern : '(no such route)';
}

/** As it came where it is no percent-encoding. */
function decoded(search: string): string {
  try {
    return decodeURIComponent(search);
  } catch {
    return search;
  }
}

/** One call to the API: key, limit, route, permission, type, fault, answer. The first that objects answers. */
export function createApiHandler(parts: ApiParts): Handler {
  const { keys, limits, stats, faults, clock } = parts;
  const findRoute = createRouter(parts.routes);

  const admit = (key: string, match: RouteMatch, method: string, headers: Map<string, string>): Route => {
    const role = keys.roleOf(key);
    if (role === undefined) throw invalidKey();
    const waitMs = limits.take(key);
    if (waitMs > 0) {
      if (parts.sendsRetryAfter) headers.set('retry-after', String(Math.ceil(waitMs / 1_000)));
      throw limitExceeded();
    }
    if (match.kind === 'none') throw new ApiError(404, 'not_found|route', 'The specified route was not found.');
    if (match.kind === 'other-method') {
      headers.set('allow', match.allowed.join(', '));
      throw new ApiError(405, 'method_not_allowed', `${method} is not allowed here.`);
    }
    if (!isPermitted(role, method, match.route.pattern)) throw missingPermission();
    return match.route;
  };

  const answerRoute = async (
    route: Route,
    match: RouteMatch,
    request: IncomingMessage,
    search: string,
    fault: Fault | undefined,
  ) => {
    if (fault !== undefined && replacesAnswer(fault.kind)) return json({});
    const type = acceptedType(request.headers.accept, route.types ?? [JSON_TYPE]);
    if (type === undefined) throw new ApiError(406, 'not_acceptable', 'No acceptable media type.');
    const asked = parseQuery(search);
    const isShifted = fault?.kind === 'shift-page';
    const answer = await route.answer({
      method: request.method ?? 'GET',
      query: isShifted ? shiftQuery(asked) : asked,
      param: (name) => (match.kind === 'found' ? match.params.get(name) : undefined) ?? '',
      contentType: request.headers['content-type'] ?? '',
      body: await readBody(request),
      wantsCsv: type === CSV_TYPE,
      nowMs: clock.nowMs(),
    });
    return isShifted ? hideShift(answer, asked) : answer;
  };

  return async (request, response, path, search) => {
    const method = request.method ?? 'GET';
    const match = findRoute(method, path);
    const pattern = patternOf(match);
    const sent = request.headers['x-dc-devkey'];
    const key = typeof sent === 'string' ? sent : '';
    const headers = new Map<string, string>();
    stats.countCall(`${method === 'HEAD' ? 'GET' : method} ${pattern}`, key === '' ? '(none)' : key);

    let answer: Answer;
    let fault: Fault | undefined;
    try {
      const route = admit(key, match, method, headers);
      const hit = faults.draw(route.method, pattern, decoded(search));
      fault = hit.find(({ kind }) => kind !== 'delay');
      const delayMs = hit.reduce((sum, one) => sum + (one.kind === 'delay' ? one.delayMs : 0), parts.drawLatencyMs());
      if (delayMs > 0) await sleep(delayMs);
      if (fault?.kind === 'revoke-key') {
        keys.revoke(key);
        throw invalidKey();
      }
      const proper = await answerRoute(route, match, request, search, fault);
      answer = fault === undefined ? proper : bendAnswer(proper, fault);
      if (fault?.kind === 'redirect') headers.set('location', `http://${request.headers.host ?? 'localhost'}/login`);
    } catch (error) {
      answer = answerOfError(error);
    }
    stats.countAnswer(answer.status);
    await deliver(answer, { response, isHead: method === 'HEAD', fault, headers, onBytes: stats.countBytes });
  };
}
