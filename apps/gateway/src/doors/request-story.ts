import type {
  ErrorCode,
  Principal,
  ReadAccount,
  RecordedCall,
  RequestDecision,
  RequestRecord,
  RequestTrace,
} from '@certfolio/core';
import { isMutation } from '@certfolio/execution';
import type { Cost, ReadyOperation } from '@certfolio/pipeline';

/** What is known when the caller is. */
interface Beginning {
  readonly requestId: string;
  readonly atMs: number;
  readonly principal: Principal;
  readonly from: string;
  readonly userAgent: string | null;
  readonly clientName: string | null;
  /** Absent unless requests are traced. */
  readonly trace?: RequestTrace;
}

/** Told at the end by the server. */
interface End {
  readonly door: string;
  readonly status: number;
  readonly durationMs: number;
  /** All of the answer went out; else the client went away before, or we broke it off. */
  readonly isSent: boolean;
}

/** A decision that is known, or one that is still growing and is read at the end. */
type Decision = RequestDecision | (() => RequestDecision);

/** Collects what becomes of a request while its door answers it. */
export class RequestStory {
  readonly #beginning: Beginning;
  #ready: ReadyOperation | null = null;
  #restCall: RecordedCall | null = null;
  #decision: Decision = 'ok';
  #failure: ErrorCode | null = null;
  #answer: {
    readonly reads: () => ReadAccount;
    readonly rows: () => number | null;
    readonly cost: () => Cost | null;
  } | null = null;
  #wouldLimit: readonly string[] = [];

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
  }

  /** The operation was found and passed every check. */
  isReady(ready: ReadyOperation): void {
    this.#ready = ready;
  }

  /** The operation ran. What is still growing, as of a report that streams, is read at the end. */
  answered(reads: () => ReadAccount, rows: () => number | null, cost: () => Cost | null): void {
    this.#answer = { reads, rows, cost };
  }

  /** It is a call of CertCentral's REST API. */
  isCall(call: RecordedCall): void {
    this.#restCall = call;
  }

  wouldLimit(policies: readonly string[]): void {
    this.#wouldLimit = policies;
  }

  decided(decision: Decision): void {
    this.#decision = decision;
  }

  /** Why it broke off on our side; null when it did not. */
  failure(): ErrorCode | null {
    return this.#failure;
  }

  /** The answer broke off on our side after it had begun; nothing that was decided before holds. */
  brokeOff(code: ErrorCode): void {
    this.#failure = code;
  }

  record({ door, status, durationMs, isSent }: End): RequestRecord {
    const reads = this.#answer?.reads() ?? null;
    const cost = this.#answer?.cost() ?? null;
    return {
      ...this.#beginning,
      principal: withoutUpstreamKey(this.#beginning.principal),
      door,
      status,
      durationMs,
      decision: this.#failure ?? (isSent ? settled(this.#decision) : 'CLIENT_CLOSED'),
      operation: this.#ready === null ? null : recordedOperation(this.#ready),
      ...(this.#restCall === null ? {} : { restCall: this.#restCall }),
      rows: this.#answer?.rows() ?? null,
      truncated: reads?.truncated ?? false,
      upstreamCalls: reads?.upstreamCalls ?? 0,
      cost: cost === null ? null : { estimated: cost.estimated, actual: cost.actual },
      wouldLimit: this.#wouldLimit,
      ...(reads?.calls === undefined ? {} : { calls: reads.calls }),
    };
  }
}

const settled = (decision: Decision): RequestDecision => (typeof decision === 'function' ? decision() : decision);

/** Records wait to be written; the text of a key that is passed through must not wait with them. */
function withoutUpstreamKey(principal: Principal): RequestRecord['principal'] {
  if (principal.upstreamKey === undefined) return principal as RequestRecord['principal'];
  const { upstreamKey: _upstreamKey, ...rest } = principal;
  return rest;
}

function recordedOperation({ template, prepared, operation, variables }: ReadyOperation) {
  return {
    template: template === null ? null : { name: template.name, version: template.version, id: template.id },
    hash: prepared.hash,
    text: prepared.source,
    name: operation.name?.value ?? null,
    selected: prepared.selected,
    variables,
    isMutation: isMutation(operation),
  };
}
