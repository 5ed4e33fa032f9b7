import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnvHttpProxyAgent } from 'undici';
import { proxyInUse } from './proxy-in-use.ts';

const service = 'https://www.service.test/services/v2';
const httpsProxy = 'http://user:secret@proxy.test:3128';

it('is that of the protocol, and never tells its password', () => {
  expect(proxyInUse(service, { httpsProxy })).toBe('http://proxy.test:3128');
  expect(proxyInUse(service, { httpsProxy: 'proxy.test:3128' })).toBe('http://proxy.test:3128');
  expect(proxyInUse(service, { httpProxy: httpsProxy })).toBeNull();
  expect(proxyInUse('http://localhost:4010/services/v2', { httpsProxy })).toBeNull();
  expect(proxyInUse(service, { httpsProxy: 'http://%' })).toBe('a proxy whose address cannot be read');
});

/** Takes no connection further; it only notes who was asked for. */
let proxy: Server;
let asked: string[] = [];
beforeAll(async () => {
  proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void proxy.close());

const entries = [
  ...['', 'other.test', 'www.service.test', 'service.test', '.service.test', '*.service.test', '*', 'ervice.test'],
  ...['service.test:443', 'service.test:80', 'a.test,service.test', 'a.test service.test', '*:80', '*:443'],
  ...['*.www.service.test', 'WWW.SERVICE.TEST', 'www.service.test.', '[::1]', '::1', '*service.test'],
];

it.each(entries)('NO_PROXY=%j means what it means to the HTTP client', async (noProxy) => {
  const uri = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const agent = new EnvHttpProxyAgent({ httpProxy: uri, httpsProxy: uri, noProxy });
  asked = [];
  await agent.request({ origin: new URL(service).origin, path: '/', method: 'GET' }).catch(() => undefined);
  await agent.destroy();
  expect(proxyInUse(service, { httpsProxy: uri, noProxy })).toBe(asked.length === 0 ? null : uri);
});
