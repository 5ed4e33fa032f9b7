import {
  AppError,
  ServiceUnavailable,
  Unauthenticated,
  isErrorCode,
  type ErrorCode,
  type Principal,
  type RequestTrace,
} from '@certfolio/core';
import {
  keyHeadersOf,
  readPresentedKey,
  rateLimitHeaders,
  LimitReached,
  type Admission,
  type Charge,
  type RateFacts,
} from '@certfolio/access';
import type { Answer } from '@certfolio/pipeline';
import { askedMaxAgeMs } from './asked-freshness.ts';
import type { DoorReply, DoorRequest } from './door.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { RequestStory } from './request-story.ts';

/** What every door knows of a request once the caller is known and let in. */
export interface Visit {
  readonly principal: Principal;
  readonly admission: Admission;
  readonly requestId: string;
  /** Aborts when the client goes away before the answer is sent. */
  readonly signal: AbortSignal;
  /** Absent unless requests are traced. */
  readonly trace?: RequestTrace;
  readonly deadline: Date;
  /** Age of data that the caller said is fresh enough; null when nothing was said. */
  readonly maxAgeMs: number | null;
  /** The door tells it what becomes of the request. */
  readonly story: RequestStory;
  /** Limits in shadow mode that would have refused; one may be added when the cost is charged. */
  readonly wouldLimit: ReadonlySet<string>;
  /** Told of the charge for the operation: the header fields then say what is left after it. */
  readonly onCharged: (charge: Charge) => void;
}

/**
 * A door's refusal finds the story by its reply. On the reply itself: the values of a WeakMap outlive the young generation,
 * and with the story all that its request made.
 */
const storyKey = Symbol('story');
/** What the answer says of its limits, by policy. */
const ratesKey = Symbol('rates');

interface WithStory {
  [storyKey]?: RequestStory;
  [ratesKey]?: { readonly facts: Map<string, RateFacts>; readonly withLegacy: boolean };
}

export const storyOf = (reply: DoorReply): RequestStory | undefined => (reply as WithStory)[storyKey];

/**
 * Steps 2 and 3 for an HTTP door: who, and how often. Header fields of the rate limit are set on the reply from here on,
 * whatever becomes of the request; the place it takes is given back when the reply is sent.
 *
 * @param keysInAddress for a door that takes them
 * @throws Unauthenticated, LimitReached, ServiceUnavailable
 */
export async function admitCaller(
  parts: GatewayParts,
  request: DoorRequest,
  reply: DoorReply,
  door: string,
  keysInAddress: readonly string[] = [],
): Promise<Visit> {
  const presented = readPresentedKey(keyHeadersOf(request.raw.rawHeaders), keysInAddress);
  if (presented === null) {
    parts.onUnknownKey({ from: request.ip, isKeyGiven: false });
    throw new Unauthenticated();
  }
  if (parts.isStopping()) throw new ServiceUnavailable('The server is stopping.', { retryAfterMs: 1_000 });
  const place = keysInAddress.length === 0 ? 'header' : 'address';
  const { principal } = await authenticated(parts, request, presented, place);
  const atMs = parts.clock.nowMs();
  const traced = parts.tracing === null ? {} : { trace: parts.tracing.begin(request.headers, atMs) };
  const story = new RequestStory({
    requestId: request.id,
    atMs,
    principal,
    from: request.ip,
    userAgent: request.headers['user-agent'] ?? null,
    clientName: clientNameOf(request),
    ...traced,
  });
  (reply as WithStory)[storyKey] = story;
  let admission: Admission | null = null;
  const gone = new AbortController();
  reply.raw.once('close', () => {
    admission?.release();
    if (!reply.raw.writableFinished) gone.abort(new Error('The client went away.'));
    const isSent = reply.raw.writableFinished;
    parts.onAnswered(story.record({ door, status: reply.statusCode, durationMs: reply.elapsedTime, isSent }));
  });
  admission = await admit(parts, principal, reply);
  const wouldLimit = new Set<string>(admission.wouldRefuse);
  const tellWouldLimit = () => {
    if (wouldLimit.size === 0) return;
    reply.header('Certfolio-Would-Limit', [...wouldLimit].join(', '));
    story.wouldLimit([...wouldLimit]);
  };
  tellWouldLimit();
  return {
    principal,
    admission,
    requestId: request.id,
    signal: gone.signal,
    ...traced,
    deadline: new Date(parts.clock.nowMs() + parts.requestTimeoutMs),
    maxAgeMs: askedMaxAgeMs(request.headers['certfolio-fresh']),
    story,
    wouldLimit,
    onCharged({ facts, wouldRefuse }) {
      tellRates(reply, [facts]);
      if (wouldRefuse) wouldLimit.add('cost');
      tellWouldLimit();
    },
  };
}

async function authenticated(
  parts: GatewayParts,
  request: DoorRequest,
  presented: string,
  place: 'header' | 'address',
) {
  try {
    return await parts.authenticator.authenticate(presented, place);
  } catch (error) {
    if (error instanceof Unauthenticated) parts.onUnknownKey({ from: request.ip, isKeyGiven: true });
    throw error;
  }
}

/** Apollo's header, which its clients send by themselves. Source: Apollo GraphOS docs, "Client awareness" (read 2026-11). */
function clientNameOf(request: DoorRequest): string | null {
  const name = request.headers['apollographql-client-name'];
  return typeof name === 'string' && name !== '' ? name : null;
}

/**
 * For answers that need no caller, such as "wrong method": when a valid key was sent all the same, its rate is counted and
 * told like everywhere else; what is wrong with the key does not matter here.
 */
export async function noteCaller(parts: GatewayParts, request: DoorRequest, reply: DoorReply): Promise<void> {
  if (reply.hasHeader('RateLimit')) return;
  await admitCaller(parts, request, reply, 'other').catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
  });
}

async function admit(parts: GatewayParts, principal: Principal, reply: DoorReply): Promise<Admission> {
  (reply as WithStory)[ratesKey] = { facts: new Map(), withLegacy: parts.hasLegacyRateHeaders };
  try {
    const admission = await parts.pipeline.admit(principal);
    tellRates(reply, admission.facts);
    return admission;
  } catch (error) {
    // Told here, since an answer to a wrong address is no refusal of the limit and still says how it stands.
    if (error instanceof LimitReached) tellRates(reply, error.facts, error);
    throw error;
  }
}

/** Puts what limits say into the header fields; a later word on a policy replaces the earlier. */
function tellRates(reply: DoorReply, facts: readonly RateFacts[], refusal: LimitReached | null = null): void {
  const told = (reply as WithStory)[ratesKey];
  if (told === undefined) return;
  for (const each of facts) told.facts.set(each.policy, each);
  const headers = rateLimitHeaders([...told.facts.values()], {
    withLegacy: told.withLegacy,
    refusal: refusal && { policy: refusal.policy, retryAfterMs: refusal.retryAfterMs ?? 0 },
  });
  for (const [name, value] of headers) reply.header(name, value);
}

/** Header fields of a refusal: never stored, and when waiting helps, how long. */
export function refusalHeaders(reply: DoorReply, error: AppError): void {
  storyOf(reply)?.decided(error.code);
  reply.header('Cache-Control', 'no-store');
  if (error instanceof LimitReached) tellRates(reply, error.facts, error);
  if (error.retryAfterMs !== undefined && !reply.hasHeader('Retry-After'))
    reply.header('Retry-After', String(Math.ceil(error.retryAfterMs / 1_000)));
  if (error.code === 'UNAUTHENTICATED') reply.header('WWW-Authenticate', 'Bearer realm="certfolio"');
}

/** Any failure as an error that may be shown; a stranger's is logged and masked. */
export function shownError(error: unknown, parts: GatewayParts, requestId: string): AppError {
  if (error instanceof AppError) return error;
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413)
    return new AppError('PAYLOAD_TOO_LARGE', `The body is longer than ${parts.bodyLimitBytes} bytes.`);
  if (status === 415)
    return new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The body has a media type that is not understood; send "application/json".',
    );
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('BAD_REQUEST', 'The HTTP request is malformed.');
  parts.logger.error({ err: error, requestId }, 'A request failed.');
  return new AppError(
    'INTERNAL_SERVER_ERROR',
    'Something went wrong on our side; the log has the cause under this request id.',
  );
}

/** How an answer is counted: by its first error, unless there is data beside it. */
export function decisionOf({ data, errors }: Pick<Answer, 'data' | 'errors'>): ErrorCode | 'ok' | 'PARTIAL' {
  if (errors.length === 0) return 'ok';
  if (data !== null && Object.values(data).some((value) => value !== null)) return 'PARTIAL';
  const code = errors[0]?.extensions?.['code'];
  return isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR';
}
