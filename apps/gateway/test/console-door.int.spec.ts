import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { consoleDoor } from '../src/doors/console.http.ts';

let folder: string;
let server: FastifyInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certfolio-console-'));
  const built = join(folder, 'built');
  await mkdir(join(built, 'assets'), { recursive: true });
  await writeFile(join(built, 'index.html'), '<!DOCTYPE html>');
  await writeFile(join(built, 'assets/index-1.js'), 'plain');
  await writeFile(join(built, 'assets/index-1.js.br'), 'short');
  await writeFile(join(folder, 'secret'), 'no file of the console');
  server = fastify();
  consoleDoor(server, built);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers });

describe('/console', () => {
  it('leads to the page by an address that keeps the path prefix of a proxy', async () => {
    const answer = await get('/console');
    expect([answer.statusCode, answer.headers.location]).toEqual([308, 'console/']);
  });

  it('is a page that runs its own code alone, talks to its own gateway alone, and is in no frame', async () => {
    const answer = await get('/console/');
    expect([answer.statusCode, answer.body]).toEqual([200, '<!DOCTYPE html>']);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    const policy = String(answer.headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
      ]),
    );
  });

  it('gives files whose name changes with them for good, compressed where that is asked for', async () => {
    const plain = await get('/console/assets/index-1.js', { 'accept-encoding': 'identity' });
    expect(plain.body).toBe('plain');
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const short = await get('/console/assets/index-1.js', { 'accept-encoding': 'gzip, br' });
    expect([short.body, short.headers['content-encoding']]).toEqual(['short', 'br']);
    expect(String(short.headers['content-type'])).toMatch(/javascript/);
  });

  it.each([
    '/console/../secret',
    '/console/..%2fsecret',
    '/console/%2e%2e/secret',
    '/console/..%5csecret',
    '/console//secret',
  ])('gives nothing outside of its folder: %s', async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain('no file of the console');
  });

  it('says what to do where it was not built', async () => {
    const without = fastify();
    consoleDoor(without, join(folder, 'nowhere'));
    for (const url of ['/console', '/console/', '/console/assets/x.js']) {
      const answer = await without.inject({ url });
      expect(answer.json()).toMatchObject({ message: expect.stringContaining('npm run prepare') });
    }
    await without.close();
  });
});
