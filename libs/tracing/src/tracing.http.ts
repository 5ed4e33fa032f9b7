import type { Attributes, Context, DiagLogger } from '@opentelemetry/api';
import type { Clock, Logger, MadeCall, RequestTrace, TracedEnd } from '@certfolio/core';

export interface TracingOptions {
  readonly version: string;
  /** That everything goes out by; null without one. */
  readonly proxy: { readonly uri: string; readonly noProxy: string } | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends what requests did to a collector of traces. */
export interface Tracing {
  /**
   * Begins the span of a request, below the caller's where it sent one.
   *
   * @param headers in small letters
   * @param atMs when the request came, milliseconds since 1970
   */
  begin(headers: Readonly<Record<string, string | string[] | undefined>>, atMs: number): RequestTrace;
  /** Sends what waits, as far as the collector takes it. */
  stop(): Promise<void>;
}

/** Spans that wait while the collector is slow or away; the newest beyond it are dropped. */
const maxWaiting = 10_000;
/** An end waits no longer for a collector that does not answer. */
const stopLimitMs = 3_000;
const warnEveryMs = 60_000;

/**
 * Loads OpenTelemetry's packages, which nothing else needs. They read its variables by themselves: where to, with which headers and
 * time-outs, how many of the traces, under which name.
 */
export async function startTracing({ version, proxy, clock, logger }: TracingOptions): Promise<Tracing> {
  const [api, core, resources, sdk, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, defaultTextMapGetter, trace } = api;
  api.diag.setLogger(warnSeldom(logger, clock), { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });

  const own = new resources.Resource({ 'service.name': 'certfolio', 'service.version': version });
  const through = proxy === null ? {} : { HTTP_PROXY: proxy.uri, HTTPS_PROXY: proxy.uri, NO_PROXY: proxy.noProxy };
  const exporter = new OTLPTraceExporter({ httpAgentOptions: { keepAlive: true, proxyEnv: through } });
  const provider = new sdk.BasicTracerProvider({
    resource: own.merge(resources.detectResourcesSync({ detectors: [resources.envDetectorSync] })),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { maxQueueSize: maxWaiting })],
  });
  const tracer = provider.getTracer('certfolio', version);
  const propagator = new core.W3CTraceContextPropagator();
  /** A number alone may be taken for one of the monotonic clock. */
  const instant = (atMs: number) => core.millisToHrTime(atMs);

  const tellCall = (call: MadeCall, parent: Context) => {
    const options = { kind: SpanKind.CLIENT, startTime: instant(call.atMs), attributes: attributesOf(call) };
    const span = tracer.startSpan(call.route, options, parent);
    if (isFailure(call)) span.setStatus({ code: SpanStatusCode.ERROR, message: call.outcome });
    span.end(instant(call.atMs + call.durationMs));
  };

  return {
    begin(headers, atMs) {
      const parent = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, startTime: instant(atMs) }, parent);
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`,
        isSampled: span.isRecording(),
        end({ name, durationMs, attributes, failure, calls }: TracedEnd) {
          if (!span.isRecording()) return;
          span.updateName(name).setAttributes(attributes);
          if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          const below = trace.setSpan(ROOT_CONTEXT, span);
          for (const call of calls) tellCall(call, below);
          span.end(instant(atMs + durationMs));
        },
      };
    },
    async stop() {
      const early = new AbortController();
      const late = clock.sleep(stopLimitMs, early.signal).catch(() => undefined);
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      early.abort();
    },
  };
}

/** Names of OpenTelemetry's semantic conventions for HTTP where there are any. */
function attributesOf({ route, method, status, waitedMs, attempt, outcome, requestId }: MadeCall): Attributes {
  return {
    'http.request.method': method,
    'url.template': route.slice(route.indexOf(' ') + 1),
    ...(status === null ? {} : { 'http.response.status_code': status }),
    ...(attempt === 1 ? {} : { 'http.request.resend_count': attempt - 1 }),
    ...(requestId === undefined ? {} : { 'certcentral.request_id': requestId }),
    'certfolio.budget_wait_ms': Math.round(waitedMs),
    'certfolio.outcome': outcome,
  };
}

/** An absent record and a refusal are answers. */
const isFailure = ({ outcome }: MadeCall): boolean => !['ok', 'absent', 'refused'].includes(outcome);

/** A collector that is away fails with every batch, and that is one line a minute. */
function warnSeldom(logger: Logger, clock: Clock): DiagLogger {
  let warnedAtMs: number | null = null;
  const warn = (message: string, ...more: unknown[]) => {
    const nowMs = clock.monotonicMs();
    if (warnedAtMs !== null && nowMs - warnedAtMs < warnEveryMs) return;
    warnedAtMs = nowMs;
    logger.warn({ reason: [message, ...more.map(String)].join(' ').slice(0, 500) }, 'Traces could not be sent.');
  };
  return { error: warn, warn, info: () => undefined, debug: () => undefined, verbose: () => undefined };
}
