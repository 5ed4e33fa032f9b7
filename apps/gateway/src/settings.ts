import { join } from 'node:path';
import type { Configuration } from '@certfolio/runtime';
import type { GatewaySettings } from './start-gateway.ts';

export function gatewaySettings(configuration: Configuration): GatewaySettings {
  const { bodyBytes, legacyHeaders, maxTokens, ...complexity } = configuration.limits;
  const { CERTFOLIO_TLS_CERT: certPath, CERTFOLIO_TLS_KEY: keyPath } = configuration;
  return {
    host: configuration.HOST,
    port: configuration.PORT ?? 4_000,
    tls: certPath === undefined || keyPath === undefined ? null : { certPath, keyPath },
    trustProxy: configuration.CERTFOLIO_TRUST_PROXY,
    publicUrl: configuration.CERTFOLIO_PUBLIC_URL ?? null,
    templatesDir: configuration.CERTFOLIO_TEMPLATES_DIR,
    review: configuration.templates.review,
    redisUrl: configuration.CERTFOLIO_REDIS_URL ?? null,
    internalSecret: configuration.CERTFOLIO_INTERNAL_SECRET ?? null,
    remoteSubgraphs: configuration.CERTFOLIO_SUBGRAPH_URLS,
    requestTimeoutMs: configuration.CERTFOLIO_REQUEST_TIMEOUT_MS,
    bodyLimitBytes: bodyBytes,
    rest: configuration.rest,
    migration: configuration.migration,
    hasLegacyRateHeaders: legacyHeaders,
    complexity,
    maxTokens,
    defaultMaxAgeMs: configuration.mirror.maxAgeSeconds * 1_000,
    schemaPollMs: 30_000,
    auditRetentionDays: configuration.audit.retentionDays,
    destinations: configuration.destinations,
    egress: configuration.egress,
    outgoingProxy: outgoingProxy(configuration),
    isTraced: configuration.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    reports: configuration.reports,
    lastSchemaPath: join(configuration.CERTFOLIO_DATA_DIR, 'supergraph.graphql'),
  };
}

/** The proxy that everything goes out by; null without one. */
function outgoingProxy({
  HTTPS_PROXY: https,
  HTTP_PROXY: http,
  NO_PROXY: noProxy = '',
}: Configuration): GatewaySettings['outgoingProxy'] {
  const uri = https ?? http;
  return uri === undefined ? null : { uri, noProxy };
}
