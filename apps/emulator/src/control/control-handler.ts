import { type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { type EmulatorClock } from '../clock.ts';
import { type FaultList } from '../faults/fault.ts';
import { parseFault } from '../faults/parse-fault.ts';
import { errorAnswer, json, noContent, type Answer } from '../http/answer.ts';
import { ApiError, badRequest, notFound } from '../http/api-error.ts';
import { type ApiKeys } from '../http/api-keys.ts';
import { type CallLimits } from '../http/limits.ts';
import { readBody } from '../http/read-body.ts';
import { createRouter, type Method } from '../http/route.ts';
import { type StatsCounter } from '../http/stats.ts';
import { orderById } from '../orders/find-order.ts';
import { renderOrderInfo } from '../orders/render-order-info.ts';
import { type Order } from '../orders/order.ts';
import { type World } from '../world.ts';
import { changeOrder, completeDraft, conflictIn } from './change-order.ts';
import { createOrderChangeSchema } from './order-change.ts';

export interface ControlParts {
  readonly world: World;
  readonly clock: EmulatorClock;
  readonly keys: ApiKeys;
  readonly limits: CallLimits;
  readonly stats: StatsCounter;
  readonly faults: FaultList;
}

interface ControlCall {
  readonly param: (name: string) => string;
  readonly body: () => unknown;
}

function parsed<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body);
  if (!result.success) throw badRequest(z.prettifyError(result.error));
  return result.data;
}

function readJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    throw badRequest('The request body is not JSON.');
  }
}

const clockShape = z.strictObject({
  now: z.string().transform((text, context) => {
    const atMs = Date.parse(text);
    if (!Number.isNaN(atMs)) return atMs;
    context.issues.push({ code: 'custom', message: 'Not a date, such as 2026-12-01T00:00:00Z.', input: text });
    return z.NEVER;
  }),
});

/** `/__emulator/*`: for tests, needs no key, never limited, never counted. */
export function createControlHandler({ world, clock, keys, limits, stats, faults }: ControlParts) {
  const { orders, certificates } = world;
  const changeSchema = createOrderChangeSchema(world.account);
  const show = (order: Order, status = 200) =>
    json(renderOrderInfo(order, certificates.filesOf(order), clock.nowMs()), status);
  const keep = (order: Order) => {
    const conflict = conflictIn(order);
    if (conflict !== undefined) throw badRequest(conflict);
    orders.put(order);
    return order;
  };
  const showClock = () => json({ now: new Date(clock.nowMs()).toISOString() });
  const clearFaults = () => {
    faults.clear();
    keys.restore();
    return noContent;
  };

  const actions: readonly (readonly [Method, string, (call: ControlCall) => Answer])[] = [
    ['GET', '/stats', () => json({ ...stats.read(), ...limits.peaks() })],
    [
      'DELETE',
      '/stats',
      () => {
        stats.reset();
        limits.resetPeaks();
        return noContent;
      },
    ],
    ['GET', '/faults', () => json({ faults: faults.all() })],
    [
      'POST',
      '/faults',
      ({ body }) => {
        const result = parseFault(body());
        if ('problem' in result) throw badRequest(result.problem);
        return json(faults.add(result.fault), 201);
      },
    ],
    ['DELETE', '/faults', clearFaults],
    [
      'DELETE',
      '/faults/{id}',
      ({ param }) => {
        if (!faults.remove(Number(param('id')))) throw notFound('fault');
        return noContent;
      },
    ],
    [
      'POST',
      '/orders',
      ({ body }) => {
        const change = parsed(changeSchema, body());
        const nowMs = clock.nowMs();
        const order = completeDraft(orders.draft(nowMs), change, nowMs);
        if (orders.find(order.id) !== undefined) throw badRequest(`There is an order ${order.id} already.`);
        return show(keep(order), 201);
      },
    ],
    [
      'PATCH',
      '/orders/{id}',
      ({ param, body }) => {
        const order = orderById(world, param('id'));
        const change = parsed(changeSchema, body());
        if (change.id !== undefined && change.id !== order.id) throw badRequest('The id of an order cannot change.');
        return show(keep(changeOrder(order, change, clock.nowMs())));
      },
    ],
    [
      'DELETE',
      '/orders/{id}',
      ({ param }) => {
        if (!orders.remove(Number(param('id')))) throw notFound('order');
        return noContent;
      },
    ],
    ['GET', '/clock', showClock],
    [
      'PUT',
      '/clock',
      ({ body }) => {
        clock.set(parsed(clockShape, body()).now);
        return showClock();
      },
    ],
  ];

  const byRoute = new Map(actions.map(([method, pattern, act]) => [`${method} ${pattern}`, act]));
  const findRoute = createRouter(actions.map(([method, pattern]) => ({ method, pattern, answer: () => noContent })));

  const answerTo = (request: IncomingMessage, path: string, content: Buffer): Answer => {
    const match = findRoute(request.method ?? 'GET', path);
    if (match.kind === 'none') throw new ApiError(404, 'not_found|route', 'There is no such control route.');
    if (match.kind === 'other-method')
      throw new ApiError(405, 'method_not_allowed', `Use ${match.allowed.join(' or ')} here.`);
    const act = byRoute.get(`${match.route.method} ${match.route.pattern}`);
    return act?.({ param: (name) => match.params.get(name) ?? '', body: () => readJson(content) }) ?? noContent;
  };

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    let answer: Answer;
    try {
      answer = answerTo(request, path, await readBody(request));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      answer = errorAnswer(error);
    }
    const text = answer.kind === 'json' ? JSON.stringify(answer.value) : '';
    response.writeHead(answer.status, text === '' ? {} : { 'content-type': 'application/json' });
    response.end(text);
  };
}
