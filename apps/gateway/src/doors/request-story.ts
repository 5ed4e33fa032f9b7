import type { ErrorCode, Principal, ReadAccount, RequestRecord } from '@certfolio/core';
import { isMutation } from '@certfolio/execution';
import type { Cost, ReadyOperation } from '@certfolio/pipeline';

/** What is known when the caller is. */
interface Beginning {
  readonly requestId: string;
  readonly atMs: number;
  readonly principal: Principal;
  readonly from: string;
  readonly userAgent: string | null;
}

/** Told at the end by the server. */
interface End {
  readonly door: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Collects what becomes of a request while its door answers it. */
export class RequestStory {
  readonly #beginning: Beginning;
  #ready: ReadyOperation | null = null;
  #decision: RequestRecord['decision'] = 'ok';
  #answer: { readonly reads: () => ReadAccount; readonly rows: () => number | null; readonly cost: () => Cost } | null =
    null;
  #wouldLimit: readonly string[] = [];

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
  }

  /** The operation was found and passed every check. */
  isReady(ready: ReadyOperation): void {
    this.#ready = ready;
  }

  /** The operation ran. What is still growing, as of a report that streams, is read at the end. */
  answered(reads: () => ReadAccount, rows: () => number | null, cost: () => Cost): void {
    this.#answer = { reads, rows, cost };
  }

  wouldLimit(policies: readonly string[]): void {
    this.#wouldLimit = policies;
  }

  decided(decision: ErrorCode | 'ok' | 'PARTIAL'): void {
    this.#decision = decision;
  }

  record({ door, status, durationMs }: End): RequestRecord {
    const reads = this.#answer?.reads() ?? null;
    const cost = this.#answer?.cost() ?? null;
    return {
      ...this.#beginning,
      door,
      status,
      durationMs,
      decision: this.#decision,
      operation: this.#ready === null ? null : recordedOperation(this.#ready),
      rows: this.#answer?.rows() ?? null,
      truncated: reads?.truncated ?? false,
      upstreamCalls: reads?.upstreamCalls ?? 0,
      cost: cost === null ? null : { estimated: cost.estimated, actual: cost.actual },
      wouldLimit: this.#wouldLimit,
    };
  }
}

function recordedOperation({ template, prepared, operation, operationName, variables }: ReadyOperation) {
  return {
    template: template === null ? null : { name: template.name, version: template.version, id: template.id },
    hash: prepared.hash,
    name: operationName,
    selected: prepared.selected,
    variables,
    isMutation: isMutation(operation),
  };
}
