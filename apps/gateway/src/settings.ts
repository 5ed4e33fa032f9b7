import { join } from 'node:path';
import { defaultComplexityLimits } from '@certfolio/templates';
import type { Environment } from '@certfolio/runtime';
import type { GatewaySettings } from './start-gateway.ts';

const mebibyte = 1_024 * 1_024;

export function gatewaySettings(environment: Environment): GatewaySettings {
  const { CERTFOLIO_TLS_CERT: certPath, CERTFOLIO_TLS_KEY: keyPath } = environment;
  return {
    host: environment.HOST,
    port: environment.PORT ?? 4_000,
    tls: certPath === undefined || keyPath === undefined ? null : { certPath, keyPath },
    trustProxy: environment.CERTFOLIO_TRUST_PROXY,
    publicUrl: environment.CERTFOLIO_PUBLIC_URL ?? null,
    templatesDir: environment.CERTFOLIO_TEMPLATES_DIR,
    redisUrl: environment.CERTFOLIO_REDIS_URL ?? null,
    internalSecret: environment.CERTFOLIO_INTERNAL_SECRET ?? null,
    remoteSubgraphs: environment.CERTFOLIO_SUBGRAPH_URLS,
    requestTimeoutMs: environment.CERTFOLIO_REQUEST_TIMEOUT_MS,
    bodyLimitBytes: mebibyte,
    complexity: defaultComplexityLimits,
    defaultMaxAgeMs: 300_000,
    schemaPollMs: 30_000,
    lastSchemaPath: join(environment.CERTFOLIO_DATA_DIR, 'supergraph.graphql'),
  };
}
