import { hash } from 'node:crypto';
import {
  AppError,
  Forbidden,
  ReadLedger,
  anyAge,
  dayIn,
  hasScope,
  type Clock,
  type FieldRights,
  type Principal,
  type ReadAccount,
  type ReportRun,
  type RequestContext,
} from '@certfolio/core';
import type { Admission, RequestLimiter } from '@certfolio/access';
import {
  isMutation,
  type ExecutionAnswer,
  type InFlight,
  type OperationRunner,
  type PreparedDocument,
  type PreparedDocuments,
  type ResultCache,
} from '@certfolio/execution';
import {
  assertIdFitsText,
  notInListError,
  pointsOf,
  tallyOf,
  variablesFromJson,
  type ComplexityLimits,
  type CostOptions,
  type CostTally,
  type Estimate,
  type FoundTemplate,
  type Template,
  type TemplateRegistry,
} from '@certfolio/templates';
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { inputsOfVariables } from './asked-inputs.ts';
import type { AutomaticDocuments } from './automatic-documents.ts';
import { CostEstimator, countedRows } from './cost-estimator.ts';
import type { CostMemory } from './cost-memory.ts';
import { assertVariables } from './operation-variables.ts';
import { KnownOperations } from './operation-facts.ts';
import { withFixedVariables } from './fixed-variables.ts';
import { runKey } from './run-key.ts';
import { assertMaySelect } from './selection-rights.ts';
import { Spending } from './spending.ts';
import type { Answer, Caller, Examination, OperationRequest, ReadyOperation } from './types.ts';

export interface PipelineParts {
  readonly limiter: RequestLimiter;
  readonly registry: () => TemplateRegistry;
  readonly documents: PreparedDocuments;
  readonly automatic: AutomaticDocuments;
  readonly schema: () => GraphQLSchema;
  readonly runner: OperationRunner;
  readonly inFlight: InFlight<SharedAnswer>;
  readonly results: ResultCache;
  readonly sensitiveFields: ReadonlyMap<string, FieldRights>;
  /** `Type.field` of root fields whose answer depends on nothing but scope and rights; only these are shared between keys. */
  readonly shareableFields: ReadonlySet<string>;
  /** What earlier runs were found to hold. */
  readonly costs: CostMemory;
  /** Objects of a `Type.field` for each object above it, to begin with; null where nothing is known. */
  readonly typicalSize: (coordinate: string) => number | null;
  /** `Type.field` of what is counted below rows before a run has told. */
  readonly countedBelow: ReadonlySet<string>;
  /** Of one request, whatever the key. */
  readonly limits: ComplexityLimits & CostOptions;
  /** Age of data that is fresh enough where neither caller nor template says. */
  readonly defaultMaxAgeMs: number;
  readonly clock: Clock;
  /** Told of limits in shadow mode that would have refused. */
  readonly onWouldRefuse: (policy: string) => void;
  /** Told of an operation without a template that a key of level `audit` ran. */
  readonly onUnlisted: (principal: Principal, document: PreparedDocument) => void;
}

/** What a run gives to all who wait for it. */
export interface SharedAnswer extends ExecutionAnswer {
  readonly tally: CostTally;
  readonly reads: ReadAccount;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * A request, step by step. Every door comes through here, so there is no way round a key, a list, a limit or a cost.
 * Step 1 (accept HTTP) and step 2 (who) are the door's; steps 8 to 10 happen in the subgraphs.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #operations: KnownOperations;
  readonly #estimator: CostEstimator;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#operations = new KnownOperations(parts);
    this.#estimator = new CostEstimator({
      memory: parts.costs,
      sizes: parts.limits,
      typicalSize: parts.typicalSize,
      countedBelow: parts.countedBelow,
      clock: parts.clock,
    });
  }

  /** Step 3, how often. @throws LimitReached */
  async admit(principal: Principal): Promise<Admission> {
    const admission = await this.#parts.limiter.admit(principal);
    for (const policy of admission.wouldRefuse) this.#parts.onWouldRefuse(policy);
    return admission;
  }

  /** Templates that the key may run. */
  templates(principal: Principal): readonly Template[] {
    return this.#parts.registry().list(principal);
  }

  /** @throws AppError PERSISTED_QUERY_NOT_IN_LIST */
  findTemplate(ref: string, principal: Principal): FoundTemplate {
    const found = this.#parts.registry().find(ref, principal);
    if (found.kind !== 'found') throw notInListError(found);
    assertMayRunTemplates(principal);
    return found;
  }

  /** Steps 4 and 5: what is to be run, may this key run it, and how much is it. Nothing is executed. */
  ready(request: OperationRequest): ReadyOperation {
    const { principal } = request;
    const found = this.#findDocument(request, principal);
    // What is built in stands behind a door that has asked for another right.
    if (found.template !== null && request.document.kind !== 'built-in') assertMayRunTemplates(principal);
    const prepared = this.#parts.documents.prepare(found.text);
    const facts = this.#operations.of(prepared, request.operationName);
    const { operation, isKeyless } = facts;
    if (request.isGet && isMutation(operation))
      throw new AppError('METHOD_NOT_ALLOWED', 'A mutation is not run by GET; use POST.');
    if (principal.isUrlKey === true && isMutation(operation))
      throw new Forbidden('A key for URLs reads only, and this template changes something.');
    if (found.template === null && principal.level === 'audit') this.#parts.onUnlisted(principal, prepared);
    const variables = this.#variables(found.template, operation, request, principal);
    const askedByVariables = () => inputsOfVariables(this.#parts.schema(), operation, variables);
    assertMaySelect(prepared, askedByVariables, principal, this.#parts.sensitiveFields);
    return {
      principal,
      prepared,
      operation,
      operationName: request.operationName,
      template: found.template,
      variables,
      mostPoints: facts.costOf(variables),
      shape: facts.shape,
      isKeyless,
      byId: found.byId,
    };
  }

  /**
   * Looks at a text that is to become a template: what the caller has no right to, and what it costs. No list is asked, so
   * what comes back is for plans, never for a run.
   *
   * @throws AppError as a request would be refused
   */
  examine({ principal, text, operationName, variables }: Examination): ReadyOperation {
    const prepared = this.#parts.documents.prepare(text);
    const { operation, isKeyless, costOf, shape } = this.#operations.of(prepared, operationName);
    const askedByVariables = () => inputsOfVariables(this.#parts.schema(), operation, variables);
    assertMaySelect(prepared, askedByVariables, principal, this.#parts.sensitiveFields);
    const mostPoints = costOf(variables);
    return {
      ...{ principal, prepared, operation, operationName, variables, mostPoints, shape, isKeyless },
      template: null,
      byId: false,
    };
  }

  /**
   * What a run is likely to come to. Calls nothing of CertCentral; rows are counted in the mirror.
   *
   * @param isWholeRun all pages are meant, not the one that the variables ask for
   */
  estimate(ready: ReadyOperation, caller: Caller, isWholeRun: boolean): Promise<Estimate> {
    return this.#estimator.estimate(ready, isWholeRun, async (counting) => {
      const context = { ...this.#context(ready, caller, caller.signal, anyAge), planOnly: true };
      const { data } = await this.#parts.runner.runPrepared(counting, ready.variables, context);
      return countedRows(data, context.ledger.account());
    });
  }

  /**
   * The last of step 5, how much over time: charges the key for a run before it begins. `run` does so by itself; who reads
   * several pages charges them together, hands the spending to each run, and settles it when the last is over.
   *
   * @throws LimitReached, or AppError COST_ESTIMATED_TOO_EXPENSIVE
   */
  async charge(ready: ReadyOperation, caller: Caller, isWholeRun: boolean): Promise<Spending> {
    const { points: estimated } = await this.estimate(ready, caller, isWholeRun);
    const charge = await this.#parts.limiter.charge(ready.principal, estimated);
    if (charge.wouldRefuse) this.#parts.onWouldRefuse('cost');
    caller.onCharged?.(charge);
    return new Spending(estimated, charge);
  }

  /**
   * Steps 6 and 7: answer from an earlier run whose data is fresh enough, join the same run in flight, or execute. Failures
   * of execution stand in the answer; it rejects only when the caller is gone, who then pays what was estimated, or when the
   * cost is more than is left.
   *
   * @throws LimitReached, or AppError COST_ESTIMATED_TOO_EXPENSIVE
   */
  async run(ready: ReadyOperation, caller: Caller, variables: Variables = ready.variables): Promise<Answer> {
    const { template } = ready;
    const spending = caller.spending ?? (await this.charge(ready, caller, false));
    const { tally, reads, data, errors } = await this.#find(ready, caller, variables);
    spending.add(pointsOf(tally));
    if (caller.spending === undefined) spending.settle();
    return { data, errors, reads, template, cost: spending.cost(), rows: null };
  }

  /** What a run would do, and what it would be refused for while it runs. Reads nothing and costs nothing. */
  plan(ready: ReadyOperation, caller: Caller): Promise<Pick<Answer, 'reads' | 'errors'>> {
    const context = { ...this.#context(ready, caller, caller.signal, this.#maxAgeMs(ready, caller)), planOnly: true };
    return this.#execute(ready, ready.variables, context);
  }

  async #find(ready: ReadyOperation, caller: Caller, variables: Variables): Promise<SharedAnswer> {
    const { template } = ready;
    const askedAgeMs = caller.maxAgeMs ?? (template?.maxAgeSeconds == null ? null : template.maxAgeSeconds * 1_000);
    const maxAgeMs = this.#maxAgeMs(ready, caller);
    const start = (signal: AbortSignal) =>
      this.#execute(ready, variables, this.#context(ready, caller, signal, maxAgeMs));
    // The pages of a run share one read instead, and a mutation is nobody else's.
    if (caller.run !== null || isMutation(ready.operation)) return start(caller.signal);

    const { inFlight, results } = this.#parts;
    const key = runKey(ready, variables, caller);
    // Whole answers are kept only where the template says how old they may be; a caller who says so means the data.
    // A key that is passed through reads live.
    const mayKeep = caller.maxAgeMs === null && ready.principal.upstreamKey === undefined;
    const keepMs = mayKeep ? (askedAgeMs ?? 0) : 0;
    const keptKey = keepMs > 0 ? hash('sha256', key, 'base64url') : null;
    const kept = keptKey === null ? null : await results.find(keptKey, keepMs);
    if (kept !== null) return { ...kept, errors: [], tally: tallyOf(ready.shape, kept.data) };
    const { value, shared } = await inFlight.join(key, caller.signal, start);
    if (keptKey !== null && !shared) await results.keep(keptKey, value, value.reads, keepMs);
    // A shared run's calls were made for the one who started it.
    const reads = shared ? { ...value.reads, upstreamCalls: 0, calls: [] } : value.reads;
    return { ...value, reads };
  }

  /** The entity tag of a body: equal bodies, equal tags. */
  etagOf(body: string | Buffer): string {
    return `"${hash('sha256', body, 'base64url').slice(0, 27)}"`;
  }

  #findDocument(
    { document, isAutomatic }: OperationRequest,
    principal: Principal,
  ): { readonly text: string; readonly template: Template | null; readonly byId: boolean } {
    const { automatic } = this.#parts;
    const registry = this.#parts.registry();
    const listed = (found: FoundTemplate, byId: boolean) => ({ text: found.text, template: found.template, byId });
    if (document.kind === 'built-in') {
      const template = registry.builtIn(document.name);
      if (template === null) throw new AppError('INTERNAL_SERVER_ERROR', `No template "${document.name}" is built in.`);
      return { text: template.text, template, byId: true };
    }
    if (document.kind === 'id') {
      const found = registry.find(document.id, principal);
      if (found.kind === 'found') return listed(found, true);
      const registered = principal.level === 'open' ? automatic.find(document.id, principal) : null;
      if (registered !== null) return { text: registered, template: null, byId: true };
      throw principal.level === 'open' && isAutomatic ? automatic.notFound() : notInListError(found);
    }

    if (document.id !== null) assertIdFitsText(document.text, document.id);
    if (principal.level === 'id-only') {
      const byId = document.id === null ? null : registry.find(document.id, principal);
      if (byId?.kind === 'found') return listed(byId, true);
      if (byId !== null) throw notInListError(byId);
      throw new AppError(
        'PERSISTED_QUERY_ID_REQUIRED',
        'This key runs templates by id only; send the id of an approved template instead of its text.',
      );
    }
    const match = registry.matchText(document.text, principal);
    // The text itself is run, not the template's: names and aliases of the answer are the caller's.
    if (match !== null) return { text: document.text, template: match.template, byId: false };
    if (principal.level === 'listed') {
      throw new AppError(
        'QUERY_NOT_IN_SAFELIST',
        'This key runs approved templates only, and this text is none of those it may run.',
      );
    }
    if (document.id !== null && principal.level === 'open') automatic.register(document.id, document.text, principal);
    return { text: document.text, template: null, byId: false };
  }

  #variables(
    template: Template | null,
    operation: OperationDefinitionNode,
    { variables: given, today = dayIn('UTC', this.#parts.clock.nowMs()) }: OperationRequest,
    { fixedVariables }: Principal,
  ): Variables {
    const schema = this.#parts.schema();
    const rules = { schema, today };
    const asked = fixedVariables === undefined ? given : withFixedVariables(template, given, fixedVariables, rules);
    if (template !== null) return variablesFromJson(template, asked, rules);
    assertVariables(schema, operation, asked);
    return asked;
  }

  #context(
    { principal }: ReadyOperation,
    { requestId, deadline, run, trace }: Caller,
    signal: AbortSignal,
    maxAgeMs: number,
  ): RequestContext {
    const context = { requestId, principal, deadline, signal, maxAgeMs, planOnly: false, run };
    if (trace === undefined) return { ...context, ledger: new ReadLedger() };
    const ledger = new ReadLedger({ keepsCalls: trace.isSampled });
    return { ...context, ledger, traceparent: trace.traceparent };
  }

  #maxAgeMs({ template }: ReadyOperation, { maxAgeMs }: Caller): number {
    const ofTemplate = template?.maxAgeSeconds == null ? null : template.maxAgeSeconds * 1_000;
    return maxAgeMs ?? ofTemplate ?? this.#parts.defaultMaxAgeMs;
  }

  async #execute(ready: ReadyOperation, variables: Variables, context: RequestContext): Promise<SharedAnswer> {
    const { prepared, operationName, byId, shape } = ready;
    const { runner } = this.#parts;
    const { document, source, hash } = prepared;
    const execution = byId
      ? await runner.runPrepared({ document, source, hash, operationName }, variables, context)
      : await runner.runText(source, operationName, variables, context, { document, hash });
    const tally = tallyOf(shape, execution.data);
    if (execution.errors.length === 0 && !context.planOnly) this.#estimator.learn(ready, tally);
    return { ...execution, tally, reads: context.ledger.account() };
  }
}

/** @throws Forbidden */
function assertMayRunTemplates(principal: Principal): void {
  if (!hasScope(principal, 'templates:run'))
    throw new Forbidden(`The key "${principal.keyName}" has no right to run templates ("templates:run").`);
}

/** The run that pages share: its rows come from one read of CertCentral. */
export function reportRun(requestId: string, { limits }: Principal, startedAtMs: number, zone = 'UTC'): ReportRun {
  return { id: requestId, rowCap: limits.rows, startedAtMs, zone };
}
