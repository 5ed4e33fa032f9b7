import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Logger } from '@certfolio/core';
import { CompositionError } from '@certfolio/execution';
import { knownSubgraphs } from './compose-static.ts';
import type { SchemaSource } from './schema-source.ts';
import type { GatewaySettings } from './start-gateway.ts';

/**
 * Composes; while a subgraph elsewhere is away, the last schema that composed serves. Where there is none, the product starts
 * without the subgraph, whose fields come with the first schema that has them: another team's service holds back no start.
 */
export async function firstSchema(source: SchemaSource, lastSchemaPath: string, logger: Logger): Promise<string> {
  try {
    const supergraphSdl = await source.compose();
    keepSchema(lastSchemaPath, supergraphSdl);
    return supergraphSdl;
  } catch (error) {
    if (error instanceof CompositionError) throw error;
    if (existsSync(lastSchemaPath)) {
      logger.warn({ err: error }, 'A subgraph is away; starting with the last schema that composed.');
      return readFileSync(lastSchemaPath, 'utf8');
    }
    const { supergraphSdl, missing } = await source.composeReachable();
    logger.error({ err: error, missing }, 'Subgraphs were never reached; starting without them.');
    return supergraphSdl;
  }
}

export function keepSchema(path: string, supergraphSdl: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, supergraphSdl);
}

/** Follows the schemas of other teams; a failure is logged and changes nothing. */
export async function pollSchema(
  { remoteSubgraphs, schemaPollMs }: Pick<GatewaySettings, 'remoteSubgraphs' | 'schemaPollMs'>,
  reload: () => Promise<void>,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const ours = new Set(knownSubgraphs().map(({ name }) => name));
  if (remoteSubgraphs.every(({ name }) => ours.has(name))) return;
  while (!signal.aborted) {
    try {
      await clock.sleep(schemaPollMs, signal);
      await reload();
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, 'The schema was not reloaded; the one in place stays.');
    }
  }
}
