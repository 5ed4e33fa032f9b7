import type { OperationDefinitionNode, GraphQLFormattedError } from 'graphql';
import type { Charge } from '@certfolio/access';
import type { CalendarDate, Principal, ReadAccount, ReportRun, RequestTrace } from '@certfolio/core';
import type { PreparedDocument } from '@certfolio/execution';
import type { BuiltInDocument, CostShape, RequestedDocument, Template } from '@certfolio/templates';
import type { Spending } from './spending.ts';

/** What a door hands over: who, and what they ask for. */
export interface OperationRequest {
  readonly principal: Principal;
  readonly document: RequestedDocument | BuiltInDocument;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The id came by the protocol of automatic persisted queries, whose clients send the text when told to. */
  readonly isAutomatic: boolean;
  /** By GET nothing is changed. */
  readonly isGet: boolean;
  /** What relative days of a template's variables are of; absent, the day that it is in UTC. */
  readonly today?: CalendarDate;
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
  /** Points of the most that the text can give with these variables. */
  readonly mostPoints: number;
  /** Counts the points of its answers. */
  readonly shape: CostShape;
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
  readonly run: ReportRun | null;
  /** Charged for all pages together by `Pipeline.charge`; absent, this run alone is charged and settled. */
  readonly spending?: Spending;
  /** Absent unless requests are traced. */
  readonly trace?: Pick<RequestTrace, 'traceparent' | 'isSampled'>;
  /** Told of a charge before anything is read. */
  readonly onCharged?: (charge: Charge) => void;
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
  /** What the answers held. */
  readonly actual: number;
  /** Of the key, after the charge was corrected to what the answers held. */
  readonly remaining: number;
}
