import { describe, expect, it } from '@jest/globals';
import { matchRoute, methodsOf } from './match-route.ts';
import { routeCatalog } from './route-catalog.ts';

const keyOf = (method: string, path: string) => matchRoute(method, path)?.key ?? null;
const paramsOf = (method: string, path: string) => Object.fromEntries(matchRoute(method, path)?.params ?? []);

describe('the route of a call', () => {
  it('is one with a literal part before one with a parameter', () => {
    expect(keyOf('GET', '/order/certificate/status-changes')).toBe('GET /order/certificate/status-changes');
    expect(keyOf('GET', '/order/certificate/123')).toBe('GET /order/certificate/{id}');
    expect(keyOf('GET', '/report/order/expiring')).toBe('GET /report/order/expiring');
    expect(keyOf('GET', '/report/order/14/expiring')).toBe('GET /report/order/{container_id}/expiring');
    expect(keyOf('GET', '/user/me')).toBe('GET /user/me');
    expect(keyOf('GET', '/certificate/download/order/9/format/pem_all')).toBe(
      'GET /certificate/download/order/{id}/format/{format}',
    );
  });

  it('carries the parameters of the path', () => {
    expect(paramsOf('GET', '/order/certificate/0C1F6E1B5A')).toEqual({ id: '0C1F6E1B5A' });
    expect(paramsOf('GET', '/certificate/9/download/format/pem_all')).toEqual({ id: '9', format: 'pem_all' });
  });

  it('does not mind one slash at the end, a query, or the path of the service in front', () => {
    for (const path of [
      '/order/certificate',
      '/order/certificate/',
      '/order/certificate?limit=1',
      '/services/v2/order/certificate/?a',
    ])
      expect(keyOf('GET', path)).toBe('GET /order/certificate');
  });

  it('is none for what no route of CertCentral looks like', () => {
    for (const path of [
      '',
      '/',
      'order/certificate',
      '//order/certificate',
      '/order//certificate',
      '/order/certificate//',
    ])
      expect(keyOf('GET', path)).toBeNull();
    for (const path of [
      '/order/certificate/..',
      '/order/certificate/%2e%2e',
      '/order/certificate/.',
      '/order/certificate/1/2/3',
    ])
      expect(keyOf('GET', path)).toBeNull();
  });

  it('takes parts percent-decoded one by one, so that %2F separates nothing', () => {
    expect(keyOf('GET', '/order/certific%61te')).toBe('GET /order/certificate');
    expect(paramsOf('GET', '/order/certificate/1%2F2')).toEqual({ id: '1/2' });
    expect(keyOf('GET', '/order%2Fcertificate')).toBeNull();
    expect(keyOf('GET', '/order/certificate/%zz')).toBeNull();
  });

  it('takes methods in any letters and paths in their own', () => {
    expect(keyOf('get', '/container')).toBe('GET /container');
    expect(keyOf('HEAD', '/container')).toBe('GET /container');
    expect(keyOf('GET', '/Container')).toBeNull();
    expect(keyOf('DELETE', '/container')).toBeNull();
  });

  it('tells a write from a read of the same path', () => {
    expect(keyOf('POST', '/order/certificate/ssl_basic')).toBe('POST /order/certificate/{product}');
    expect(keyOf('POST', '/order/certificate/9/reissue')).toBe('POST /order/certificate/{id}/reissue');
    expect(keyOf('PUT', '/order/certificate/9/revoke')).toBe('PUT /order/certificate/{id}/revoke');
    expect(methodsOf('/order/certificate/9/revoke')).toEqual(['PUT']);
    expect(methodsOf('/order/certificate/9/reissue')).toEqual(['GET', 'POST']);
  });

  it('is itself for every pattern of the catalogue', () => {
    for (const { key } of routeCatalog) {
      const [method, pattern] = key.split(' ');
      expect(keyOf(method!, pattern!)).toBe(key);
    }
  });
});
