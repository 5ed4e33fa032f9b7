import { pino } from 'pino';
import type { Logger } from '@certfolio/core';

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Names of facts that could hold a secret; what stands under them is never written, wherever it is nested. */
const secretNames = ['key', 'secret', 'authorization', 'apiKey', 'password', 'token', 'x-dc-devkey', 'cookie'];

/** JSON lines on standard error, so that standard output stays with what a command prints. */
export function createLogger(level: LogLevel, bindings: Record<string, unknown> = {}): Logger {
  const redact = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `headers["${name}"]`]);
  const logger = pino(
    { level, base: bindings, redact: { paths: redact, censor: '[hidden]' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  );
  return {
    debug: (facts, sentence) => logger.debug(facts, sentence),
    info: (facts, sentence) => logger.info(facts, sentence),
    warn: (facts, sentence) => logger.warn(facts, sentence),
    error: (facts, sentence) => logger.error(facts, sentence),
  };
}
