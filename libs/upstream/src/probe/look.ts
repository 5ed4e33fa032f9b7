import { AppError, type UpstreamCall } from '@certfolio/core';
import { upstreamCode } from '../call-failure.ts';
import type { PlainAnswer, ReadRequest, Transport } from '../transport.http.ts';
import { WrongShape } from '../wire/wrong-shape.ts';
import { compareShape, type ExpectedShape } from './expected-shape.ts';
import { shapeOf, type JsonShape } from './json-shape.ts';

/**
 * `ok`: as assumed. `differs`: not as documented, which the product copes with or does not need. `broken`: the product
 * cannot use the answer, or would take something wrong from it. `failed`: there was no answer to look at.
 */
export type FindingState = 'ok' | 'differs' | 'broken' | 'failed';

export interface Finding {
  /** Route, with placeholders for ids. */
  readonly read: string;
  readonly state: FindingState;
  /** A sentence without a value of the answer. */
  readonly found: string;
}

/** What may be told of an answer to people who must not see it. */
export interface ReadFacts {
  readonly read: string;
  /** Null without an answer. */
  readonly status: number | null;
  readonly contentType: string | null;
  readonly headerNames: readonly string[];
  readonly bytes: number;
  readonly durationMs: number;
  /** Types and how often they came, by place; null when it is no JSON. */
  readonly shape: Readonly<Record<string, Readonly<Record<string, number>>>> | null;
  readonly columns?: readonly string[];
  readonly rows?: number;
}

/** One read and what was found in it. */
export interface Look {
  readonly facts: ReadFacts;
  readonly findings: readonly Finding[];
}

export interface Looker {
  readonly transport: Transport;
  readonly call: UpstreamCall;
  readonly nowMs: () => number;
}

/** Makes the read and hands its answer on; null when there is none, which is then the one finding. */
export async function look(
  { transport, call, nowMs }: Looker,
  request: ReadRequest,
  judge: (answer: PlainAnswer, tell: (state: FindingState, found: string) => void) => Partial<ReadFacts>,
): Promise<Look> {
  const read = request.route;
  const startMs = nowMs();
  const findings: Finding[] = [];
  const tell = (state: FindingState, found: string) => void findings.push({ read, state, found });
  const noAnswer = { status: null, contentType: null, headerNames: [], bytes: 0, shape: null };
  let facts: Omit<ReadFacts, 'read' | 'durationMs'> = noAnswer;
  try {
    const answer = await transport.plain(request, call);
    facts = {
      status: answer.status,
      contentType: mediaTypeOf(answer),
      headerNames: [...answer.headerNames].filter((name) => /^[a-z][a-z0-9-]{0,60}$/.test(name)).sort(),
      bytes: Buffer.byteLength(answer.text),
      shape: null,
    };
    facts = { ...facts, ...judge(answer, tell) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell('failed', error.message);
  }
  return { facts: { read, ...facts, durationMs: Math.round(nowMs() - startMs) }, findings };
}

/** `answered 403 (access_denied|missing_permission)`; a code that does not look like one is left out. */
export function refusalOf({ status, text }: PlainAnswer): string {
  const code = upstreamCode(text);
  return `answered ${status}${/^[a-z_]{1,60}(\|[a-z_]{1,60})?$/.test(code) ? ` (${code})` : ''}`;
}

export interface JsonExpectation {
  readonly shape: ExpectedShape;
  /** Our own reader of it. @throws WrongShape */
  readonly parse: (body: unknown) => unknown;
}

/** The body of a JSON answer, told of wherever it is not as assumed; undefined when it is no JSON. */
export function judgeJson(
  answer: PlainAnswer,
  { shape: expected, parse }: JsonExpectation,
  tell: (state: FindingState, found: string) => void,
): { readonly body: unknown; readonly facts: Partial<ReadFacts> } | undefined {
  const type = mediaTypeOf(answer);
  if (type !== 'application/json') tell('broken', `is of type ${type ?? '(unreadable)'}, not application/json`);
  const body = parsed(answer.text);
  if (body === undefined) {
    tell('broken', answer.text === '' ? 'has an empty body' : 'is no JSON');
    return undefined;
  }
  const shape = shapeOf(body);
  try {
    parse(body);
  } catch (error) {
    if (!(error instanceof WrongShape)) throw error;
    tell('broken', `cannot be read: ${error.message}`);
  }
  const { missing, otherTypes, unknown } = compareShape(shape, expected);
  if (missing.length > 0) tell('differs', `lacks ${missing.join(', ')}`);
  if (otherTypes.length > 0) tell('differs', `has other types: ${otherTypes.join('; ')}`);
  if (unknown.length > 0) tell('differs', `has members that are not documented: ${unknown.join(', ')}`);
  return { body, facts: { shape: plainShape(shape) } };
}

function plainShape(shape: JsonShape): ReadFacts['shape'] {
  return Object.fromEntries(
    [...shape].map(([place, types]) => [place === '' ? '(body)' : place, Object.fromEntries(types)]),
  );
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `application/json`; null when it is absent or no media type. */
export function mediaTypeOf({ header }: PlainAnswer): string | null {
  const type = (header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
  return /^[\w.+-]{1,40}\/[\w.+-]{1,60}$/.test(type) ? type : null;
}
