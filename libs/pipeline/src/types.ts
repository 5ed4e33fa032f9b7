import type { OperationDefinitionNode, GraphQLFormattedError } from 'graphql';
import type { Principal, ReadAccount, ReportRun } from '@certfolio/core';
import type { PreparedDocument } from '@certfolio/execution';
import type { RequestedDocument, Template } from '@certfolio/templates';

/** What a door hands over: who, and what they ask for. */
export interface OperationRequest {
  readonly principal: Principal;
  readonly document: RequestedDocument;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The id came by the protocol of automatic persisted queries, whose clients send the text when told to. */
  readonly isAutomatic: boolean;
  /** By GET nothing is changed. */
  readonly isGet: boolean;
}

/** A text that is no template yet, and who wants to make it one. */
export interface Examination {
  readonly principal: Principal;
  readonly text: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An operation that has passed every check and may be run, once or page by page. */
export interface ReadyOperation {
  readonly principal: Principal;
  readonly prepared: PreparedDocument;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly template: Template | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly cost: Cost;
  /** The answer depends on nothing of the key but its scope. */
  readonly isKeyless: boolean;
  /** Asked for by id, so that the prepared document runs and no text is looked at. */
  readonly byId: boolean;
}

/** Who waits for the answer, and until when. */
export interface Caller {
  readonly requestId: string;
  readonly deadline: Date;
  readonly signal: AbortSignal;
  /** Age of data that is still fresh enough, 0 for live; null leaves it to the template. */
  readonly maxAgeMs: number | null;
  /** Nothing is read: the answer's `reads` tells what a run would do. */
  readonly planOnly?: boolean;
  readonly run: ReportRun | null;
}

export interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly GraphQLFormattedError[];
  readonly reads: ReadAccount;
  readonly template: Template | null;
  readonly cost: Cost;
  /** Rows of a report; null where the answer is not one. */
  readonly rows: number | null;
}

/** Cost in points; see `estimateCost` for what counts. */
export interface Cost {
  /** Before anything is read. */
  readonly estimated: number;
}
