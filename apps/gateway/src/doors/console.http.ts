import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { AppError } from '@certfolio/core';

/** What `npm ci` built. */
const builtConsole = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

/** The page runs its own code alone and talks to this gateway alone. Its components write styles as they are shown. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * `/console/`: files that anybody may have; whatever is shown in them is asked for with a key at the other doors.
 *
 * @param folder of the built console
 */
export function consoleDoor(server: FastifyInstance, folder: string = builtConsole): void {
  if (!existsSync(join(folder, 'index.html'))) {
    for (const path of ['/console', '/console/*'])
      server.get(path, async () => {
        throw new AppError('NOT_FOUND', 'The console is not built here; "npm run prepare" in the checkout builds it.');
      });
    return;
  }
  // Relative, so that a path prefix of a proxy stays.
  server.get('/console', (_request, reply) => reply.header('Location', 'console/').code(308).send());
  void server.register(fastifyStatic, {
    root: folder,
    prefix: '/console/',
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Names of these files change with what is in them.
      const isForGood = path.startsWith(join(folder, 'assets'));
      reply.header('Cache-Control', isForGood ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('Content-Security-Policy', policy);
      reply.header('Referrer-Policy', 'no-referrer');
      reply.header('Cross-Origin-Opener-Policy', 'same-origin');
      reply.header('X-Frame-Options', 'DENY');
    },
  });
}
