import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RestoredEntry } from '@certfolio/audit';
import { mediaType } from '@certfolio/backup';
import { restoreBackup, writeBackup, type Restored } from '@certfolio/backup/postgres';
import { AppError, BadRequest, type Clock } from '@certfolio/core';
import type { GatewayParts } from '../gateway-parts.ts';
import { adminDoor } from './admin-door.http.ts';
import type { Visit } from './request-facts.ts';

/** A body of which nothing comes for so long is given up. */
const idleMs = 60_000;

/** `GET /backup?mirror=false` and `POST /restore?replace=true`: the database as one packed stream. */
export function backupDoors(server: FastifyInstance, parts: GatewayParts): void {
  adminDoor(server, parts, {
    method: 'GET',
    url: '/backup',
    act: 'backup',
    what: 'make backups',
    argumentsOf: (request) => Object.fromEntries(searchOf(request)),
    async answer(request, reply) {
      const withMirror = flag(request, 'mirror', true);
      reply.type(mediaType).header('Content-Disposition', 'attachment; filename="certfolio.backup"');
      const { pool, version } = parts.backup;
      return writeBackup(pool, { withMirror, version, now: new Date(parts.clock.nowMs()) });
    },
  });

  // The body goes to the handler as it comes; it may be longer than memory.
  server.addContentTypeParser(mediaType, (_request: FastifyRequest, body: IncomingMessage, done) => done(null, body));
  const long = takesLong(server);
  adminDoor(server, parts, {
    method: 'POST',
    url: '/restore',
    act: 'restore',
    what: 'restore backups',
    options: { bodyLimit: Number.MAX_SAFE_INTEGER },
    argumentsOf: (request) => Object.fromEntries(searchOf(request)),
    async answer(request, reply, visit) {
      const replace = flag(request, 'replace', false);
      const body = request.body as IncomingMessage | Buffer | undefined;
      if (body === undefined || Buffer.isBuffer(body))
        throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Send a backup as "Content-Type: ${mediaType}".`);
      try {
        const replacedHead = await headOf(parts);
        const restored = await long(() =>
          restoreBackup(parts.backup.pool, whileItComes(body, parts.clock), { replace }),
        );
        await parts.backup.onRestored(restoredEntry(restored, replacedHead, visit, parts));
        reply.type('application/json; charset=utf-8');
        return one(JSON.stringify(restored));
      } finally {
        // What is left of a body that was refused is read and forgotten, so that the client reads the answer.
        body.removeAllListeners('readable');
        body.resume();
      }
    },
  });
}

/** A request's whole body has to be there within a time that is too short for a database; while one is restored none is. */
function takesLong(server: FastifyInstance): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const usual = server.server.requestTimeout;
  return async (work) => {
    running += 1;
    server.server.requestTimeout = 0;
    try {
      return await work();
    } finally {
      running -= 1;
      if (running === 0) server.server.requestTimeout = usual;
    }
  };
}

/** @throws AppError when the client stops sending */
async function* whileItComes(body: IncomingMessage, clock: Clock): AsyncGenerator<Uint8Array> {
  const stalled = new BadRequest(
    `The backup cannot be restored: nothing more of it came for ${idleMs / 1_000} s. Nothing was changed.`,
  );
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  for (;;) {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const cancel = clock.schedule(idleMs, () => reject(stalled));
    try {
      const next = await Promise.race([chunks.next().catch(brokeOff), tooLate]);
      if (next.done === true) return;
      yield next.value;
    } finally {
      cancel();
    }
  }
}

function brokeOff(cause: unknown): never {
  throw new AppError('BAD_REQUEST', 'The backup cannot be restored: the upload broke off. Nothing was changed.', {
    cause,
  });
}

async function headOf({ audit }: GatewayParts): Promise<string | null> {
  const [newest] = await audit.store.find({}, { order: 'newest', beyond: null, limit: 1 });
  return newest === undefined ? null : `${newest.seq}:${newest.hash}`;
}

function restoredEntry(
  { madeAt, sha256 }: Restored,
  replacedHead: string | null,
  { principal, requestId }: Visit,
  { clock }: GatewayParts,
): RestoredEntry {
  return {
    kind: 'restored',
    at: new Date(clock.nowMs()).toISOString(),
    requestId,
    keyId: principal.keyId,
    keyName: principal.keyName,
    owner: principal.owner,
    backupMadeAt: madeAt,
    backupSha256: sha256,
    replacedHead,
  };
}

const searchOf = (request: FastifyRequest) => new URLSearchParams(request.url.split('?', 2)[1] ?? '');

function flag(request: FastifyRequest, name: string, usual: boolean): boolean {
  const search = searchOf(request);
  for (const other of search.keys())
    if (other !== name) throw new BadRequest(`There is no parameter "${other.slice(0, 60)}"; there is ${name}.`);
  const value = search.get(name);
  if (value === null) return usual;
  if (value !== 'true' && value !== 'false') throw new BadRequest(`"${name}" must be true or false.`);
  return value === 'true';
}

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}
