import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  ReadLedger,
  containerId,
  keyLevels,
  keyScopes,
  restRights,
  type Principal,
  type RequestContext,
  type SensitiveGroup,
} from '@certfolio/core';

/** Header that carries the signed caller from the gateway to a subgraph over HTTP. */
export const identityHeader = 'certfolio-identity';
/** A signature is good for this long, so that a header that leaks is soon worth nothing. */
export const identityLifetimeMs = 60_000;

/** No account can have this name, so nobody elsewhere reads with an account's key for a caller who brings an own one. */
const passedThrough = '(passed through)';

const sensitiveGroups = ['csr', 'cost', 'email', 'customFields'] as const satisfies readonly SensitiveGroup[];

const identitySchema = z.strictObject({
  requestId: z.string(),
  expiresAtMs: z.number(),
  deadlineMs: z.number(),
  maxAgeMs: z.number(),
  planOnly: z.boolean(),
  /** The gateway traces the request and wants to know which calls it took. */
  isTraced: z.literal(true).exactOptional(),
  run: z.strictObject({ id: z.string(), rowCap: z.number(), startedAtMs: z.number(), zone: z.string() }).nullable(),
  principal: z.strictObject({
    keyId: z.string(),
    keyName: z.string(),
    owner: z.string(),
    level: z.enum(keyLevels),
    templates: z.union([z.literal('all'), z.strictObject({ names: z.array(z.string()), tags: z.array(z.string()) })]),
    scopes: z.array(z.enum(keyScopes)),
    containers: z.union([z.literal('all'), z.array(z.number())]),
    fields: z.union([z.literal('all'), z.array(z.enum(sensitiveGroups))]),
    limits: z.strictObject({
      requestsPerMinute: z.number(),
      burst: z.number(),
      costPerMinute: z.number(),
      rows: z.number(),
      concurrent: z.number(),
      mode: z.enum(['enforce', 'shadow']),
    }),
    account: z.string(),
    lane: z.enum(['interactive', 'scheduled', 'shadow', 'backfill']),
    rest: z.enum(restRights).exactOptional(),
  }),
});

/** Writes the caller of a request as a header value: JSON and its HMAC-SHA256, both in base64url. */
export function signIdentity(context: RequestContext, secret: string, nowMs: number): string {
  // The gateway holds fixed variables against the request, and a CertCentral key that is passed through never leaves its process.
  const { fixedVariables: _fixed, isUrlKey: _isUrlKey, upstreamKey, ...principal } = context.principal;
  const identity: z.input<typeof identitySchema> = {
    requestId: context.requestId,
    expiresAtMs: nowMs + identityLifetimeMs,
    deadlineMs: context.deadline.getTime(),
    maxAgeMs: context.maxAgeMs,
    planOnly: context.planOnly,
    ...(context.ledger.keepsCalls ? { isTraced: true as const } : {}),
    run: context.run,
    principal: {
      ...principal,
      ...(upstreamKey === undefined ? {} : { account: passedThrough }),
      templates:
        principal.templates === 'all'
          ? 'all'
          : { names: [...principal.templates.names], tags: [...principal.templates.tags] },
      scopes: [...principal.scopes],
      containers: principal.scope.containers === 'all' ? 'all' : [...principal.scope.containers],
      fields: principal.fields === 'all' ? 'all' : [...principal.fields],
    },
  };
  // The scope travels as `containers`; zod's strict object refuses what it does not know.
  delete (identity.principal as { scope?: unknown }).scope;
  const payload = Buffer.from(JSON.stringify(identity)).toString('base64url');
  return `${payload}.${hmac(payload, secret)}`;
}

/** The context of a request whose header is signed with the secret and not expired; null for every other header. */
export function verifyIdentity(
  header: string | undefined,
  secret: string,
  nowMs: number,
  signal: AbortSignal,
): RequestContext | null {
  const [payload, signature, ...rest] = (header ?? '').split('.');
  if (!payload || !signature || rest.length > 0 || !isEqual(signature, hmac(payload, secret))) return null;
  const parsed = identitySchema.safeParse(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data.expiresAtMs <= nowMs) return null;
  const { principal, deadlineMs, expiresAtMs: _expiresAtMs, isTraced = false, ...request } = parsed.data;
  const { containers, ...known } = principal;
  return {
    ...request,
    deadline: new Date(deadlineMs),
    signal,
    ledger: new ReadLedger({ keepsCalls: isTraced }),
    principal: {
      ...known,
      templates:
        known.templates === 'all'
          ? 'all'
          : { names: new Set(known.templates.names), tags: new Set(known.templates.tags) },
      scopes: new Set(known.scopes),
      scope: containers === 'all' ? { containers } : { containers: new Set(containers.map(containerId)) },
      fields: known.fields === 'all' ? 'all' : new Set(known.fields),
    } satisfies Principal,
  };
}

const hmac = (payload: string, secret: string) => createHmac('sha256', secret).update(payload).digest('base64url');

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
