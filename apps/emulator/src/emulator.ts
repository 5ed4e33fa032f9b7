import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAccount } from './account/account.ts';
import { randomFor } from './account/random.ts';
import { createCertificateStore } from './certificates/certificate-store.ts';
import { createClock } from './clock.ts';
import { createControlHandler } from './control/control-handler.ts';
import { isoDay, startOfMonth } from './dates.ts';
import { createFaultList } from './faults/fault.ts';
import { createApiHandler } from './http/api-handler.ts';
import { createApiKeys, type KeyRole } from './http/api-keys.ts';
import { createCallLimits } from './http/limits.ts';
import { type EmptyLists } from './http/paged-list.ts';
import { createStatsCounter } from './http/stats.ts';
import { createOrderFactory } from './orders/make-order.ts';
import { createOrderBook } from './orders/order-book.ts';
import { createSelectOrders } from './orders/select-orders.ts';
import { allRoutes } from './resources/all-routes.ts';
import { type World } from './world.ts';

export interface EmulatorOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly orders: number;
  readonly seed: number;
  readonly hasLimits: boolean;
  /** Undefined accepts any key. */
  readonly keys: ReadonlyMap<string, KeyRole> | undefined;
  /** Shortest and longest wait before an answer. */
  readonly latencyMs: readonly [number, number];
  readonly sendsRetryAfter: boolean;
  readonly emptyLists: EmptyLists;
  /** Where files of orders are kept; undefined keeps none. */
  readonly cacheDir: string | undefined;
  readonly workers: number;
  /** One line per request to standard error. */
  readonly isLogging: boolean;
  /** The machine's time of day, UTC milliseconds. */
  readonly machineMs: () => number;
  /** A clock that only goes forward, for the limits, milliseconds. */
  readonly monotonicMs: () => number;
}

export const defaultOptions: EmulatorOptions = {
  host: '127.0.0.1',
  port: 4010,
  orders: 2_000,
  seed: 1,
  hasLimits: true,
  keys: undefined,
  latencyMs: [0, 0],
  sendsRetryAfter: false,
  emptyLists: 'keep',
  cacheDir: '.emulator-cache',
  workers: 2,
  isLogging: false,
  machineMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export interface Emulator {
  /** `http://127.0.0.1:4010` */
  readonly origin: string;
  /** The base of the API, `http://127.0.0.1:4010/services/v2`. */
  readonly baseUrl: string;
  readonly close: () => Promise<void>;
}

const API_BASE = '/services/v2';
const CONTROL_BASE = '/__emulator';

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no address.');
  return address;
}

/** Path and query of a request target; doubled slashes are one. */
function splitTarget(target: string): { readonly path: string; readonly search: string } {
  const [path = '', ...rest] = target.split('?');
  return { path: path.replace(/\/{2,}/g, '/'), search: rest.join('?') };
}

/** Starts an emulator of its own; two with the same options in one month answer the same. */
export async function createEmulator(given: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  const options = { ...defaultOptions, ...given };
  const anchorMs = startOfMonth(options.machineMs());
  const account = createAccount(options.seed, anchorMs);
  const orders = createOrderBook(createOrderFactory(account, options.orders));
  const cacheName = `seed-${options.seed}-month-${isoDay(anchorMs).slice(0, 7)}-orders-${options.orders}`;
  const directory = options.cacheDir === undefined ? undefined : join(options.cacheDir, cacheName);
  const certificates = createCertificateStore({ book: orders, directory, workers: options.workers });
  const world: World = { account, orders, certificates, emptyLists: options.emptyLists };

  const clock = createClock(options.machineMs);
  const keys = createApiKeys(options.keys);
  const limits = createCallLimits(options.hasLimits, options.monotonicMs);
  const stats = createStatsCounter();
  const faults = createFaultList(randomFor(options.seed, 'faults').next);
  const latency = randomFor(options.seed, 'latency');
  const [shortestMs, longestMs] = options.latencyMs;
  const drawLatencyMs = () => shortestMs + latency.next() * (longestMs - shortestMs);

  const routes = allRoutes(world, createSelectOrders(orders));
  const { sendsRetryAfter } = options;
  const handleApi = createApiHandler({ routes, keys, limits, stats, faults, clock, drawLatencyMs, sendsRetryAfter });
  const handleControl = createControlHandler({ world, clock, keys, limits, stats, faults });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, search } = splitTarget(request.url ?? '/');
    if (path.startsWith(`${CONTROL_BASE}/`)) return handleControl(request, response, path.slice(CONTROL_BASE.length));
    if (path.startsWith(`${API_BASE}/`)) return handleApi(request, response, path.slice(API_BASE.length), search);
    response.writeHead(404, { 'content-type': 'text/html' }).end('<!DOCTYPE html><title>Not found</title>\n');
  };

  const server = createServer((request, response) => {
    const startedMs = performance.now();
    if (options.isLogging) {
      response.on('close', () => {
        const tookMs = (performance.now() - startedMs).toFixed(0);
        process.stderr.write(`${request.method} ${request.url} ${response.statusCode} ${tookMs} ms\n`);
      });
    }
    handle(request, response).catch((error: unknown) => {
      // An answer that fails on its way can only be broken off.
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 30_000;

  const { port } = await listen(server, options.port, options.host);
  const shownHost = options.host.includes(':') ? `[${options.host}]` : options.host;
  const origin = `http://${shownHost}:${port}`;
  return {
    origin,
    baseUrl: `${origin}${API_BASE}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await certificates.close();
    },
  };
}
