import { AppError, BadRequest } from '@certfolio/core';
import { z } from 'zod';
import { sha256 } from './document-ids.ts';

/** What an HTTP door found, still as it came. */
export interface RequestParts {
  /** Decoded path segment after `/graphql/` or `/graphql/persisted/`. */
  readonly pathId?: string | undefined;
  /** Decoded path segment after the id. */
  readonly pathOperationName?: string | undefined;
  /** The JSON body of a POST; undefined when there is none. */
  readonly body?: unknown;
  /** The query string of a GET; leave it out for a POST, whose query string means nothing. */
  readonly search?: URLSearchParams | undefined;
}

/** What the request asks for: an id, or a text with the id that the client believes it has. */
export type RequestedDocument =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string; readonly id: string | null };

/** A template of the product's own. No request can ask for it like this: the doors that answer by it do. */
export interface BuiltInDocument {
  readonly kind: 'built-in';
  readonly name: string;
}

export interface RequestedOperation {
  readonly document: RequestedDocument;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

type Members = ReadonlyMap<string, unknown>;

/**
 * Reads the one operation that a request asks for, whichever of the known clients sent it. An id may stand in the path,
 * `documentId`, `extensions.persistedQuery.sha256Hash`, `doc_id`, `id`, or in `query` beside `persisted: true`; given
 * several times it must be the same. Whether the id is known is not asked here.
 *
 * @throws BadRequest naming everything that is malformed, two different ids, or neither id nor text
 */
export function readRequestedOperation(parts: RequestParts): RequestedOperation {
  const problems: string[] = [];
  const members = readMembers(parts, problems);
  const variables = readObject(members, 'variables', problems);
  const extensions = readObject(members, 'extensions', problems);
  const operationName = readOperationName(parts, members, problems);
  const isIdInQuery = readPersistedFlag(members, problems);
  const text = isIdInQuery ? null : readText(members, problems);
  const ids = readIds(parts, members, extensions, isIdInQuery, problems);

  const id = ids[0] ?? null;
  if (ids.some((other) => other !== id)) problems.push(`the request has ${new Set(ids).size} different ids; send one`);
  if (id === null && text === null && problems.length === 0) {
    problems.push('send the id of a template, as "documentId" for example, or a GraphQL text as "query"');
  }
  if (problems.length > 0) throw malformed(problems);

  const document: RequestedDocument = text === null ? { kind: 'id', id: id! } : { kind: 'text', text, id };
  return { document, operationName, variables: variables ?? {}, extensions: extensions ?? {} };
}

/**
 * A text that came with an id must have this id, or nothing is executed.
 *
 * @throws AppError PERSISTED_QUERY_HASH_MISMATCH
 */
export function assertIdFitsText(text: string, id: string): void {
  const actualId = sha256(text);
  if (actualId === id) return;
  throw new AppError(
    'PERSISTED_QUERY_HASH_MISMATCH',
    `The id sent is "${shorten(id)}" but the SHA-256 of the text sent is "${actualId}". Nothing was executed.`,
  );
}

/**
 * An id as it is looked up: one `sha256:` prefix is dropped and 64 hex digits are lower-cased; nothing is trimmed. What is
 * no hash is a custom id, a name, or `name@version`.
 */
export function normalizeId(id: string): string {
  const bare = id.startsWith('sha256:') ? id.slice('sha256:'.length) : id;
  return /^[0-9a-fA-F]{64}$/.test(bare) ? bare.toLowerCase() : bare;
}

/** Text of a caller as it may appear in a message: at most 80 characters. */
export function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function malformed(problems: readonly string[]): BadRequest {
  return new BadRequest(`The request is malformed: ${problems.join('; ')}.`, { problems });
}

function readMembers(parts: RequestParts, problems: string[]): Members {
  if (parts.search !== undefined) return membersOfSearch(parts.search, problems);
  const { body } = parts;
  if (Array.isArray(body)) throw malformed(['batches of operations are not allowed; send one operation per request']);
  if (body === undefined && parts.pathId !== undefined) return new Map();
  if (!isJsonObject(body)) throw malformed(['the body must be a JSON object']);
  return new Map(Object.entries(body));
}

/** Members of a query string; `variables` and `extensions` are JSON text there and an empty `operationName` is none. */
function membersOfSearch(search: URLSearchParams, problems: string[]): Members {
  const members = new Map<string, unknown>();
  for (const name of [...textMembers, 'persisted', ...objectMembers]) {
    const values = search.getAll(name);
    if (values.length > 1) problems.push(`the parameter "${name}" is given ${values.length} times`);
    const value = values[0];
    if (value === undefined) continue;
    if (!objectMembers.includes(name)) members.set(name, value);
    else if (value !== '') members.set(name, parseJson(name, value, problems));
  }
  const persisted = members.get('persisted');
  if (persisted === 'true' || persisted === 'false') members.set('persisted', persisted === 'true');
  return members;
}

const idMembers = ['documentId', 'doc_id', 'id'].map((name) => ({ name, where: `"${name}"` }));
const textMembers = ['query', 'operationName', ...idMembers.map(({ name }) => name)];
const objectMembers = ['variables', 'extensions'];

function parseJson(name: string, text: string, problems: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch {
    problems.push(`"${name}" is not valid JSON`);
    return undefined;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}

function readObject(members: Members, name: string, problems: string[]): Record<string, unknown> | null {
  const value = members.get(name) ?? null;
  if (value === null) return null;
  if (!isJsonObject(value)) problems.push(`"${name}" must be an object or null`);
  else if (nestsDeeperThan(value, maxNesting)) problems.push(`"${name}" nests deeper than ${maxNesting} levels`);
  else return value;
  return null;
}

/** Far more than an input of the schema has, and far less than what lets a recursive reader run out of stack. */
const maxNesting = 100;

/** Level by level, since a value from outside may nest deeper than the stack of a recursion. */
function nestsDeeperThan(value: unknown, levels: number): boolean {
  let level = isObject(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === levels) return level.some((each) => Object.keys(each).length > 0);
    const below: object[] = [];
    for (const each of level) for (const member of Object.values(each)) if (isObject(member)) below.push(member);
    level = below;
  }
  return false;
}

function readText(members: Members, problems: string[]): string | null {
  const text = members.get('query') ?? null;
  if (text === null) return null;
  if (typeof text === 'string' && text !== '') return text;
  problems.push('"query" must be a non-empty string');
  return null;
}

function readOperationName({ pathOperationName }: RequestParts, members: Members, problems: string[]): string | null {
  const named = members.get('operationName') ?? null;
  if (named !== null && typeof named !== 'string') {
    problems.push('"operationName" must be a string or null');
    return null;
  }
  const fromPath = pathOperationName === '' ? null : (pathOperationName ?? null);
  const fromMembers = named === '' ? null : named;
  if (fromPath !== null && fromMembers !== null && fromPath !== fromMembers) {
    problems.push('the path and "operationName" name different operations');
  }
  return fromPath ?? fromMembers;
}

function readPersistedFlag(members: Members, problems: string[]): boolean {
  const flag = members.get('persisted') ?? false;
  if (typeof flag !== 'boolean') problems.push('"persisted" must be true or false');
  return flag === true;
}

const persistedQueryShape = z.object({ version: z.literal(1), sha256Hash: z.string().min(1) });

function readIds(
  parts: RequestParts,
  members: Members,
  extensions: Record<string, unknown> | null,
  isIdInQuery: boolean,
  problems: string[],
): string[] {
  const ids: string[] = [];
  const add = (where: string, id: unknown) => {
    const normalized = typeof id === 'string' ? normalizeId(id) : '';
    if (normalized !== '') ids.push(normalized);
    else problems.push(`${where} must be a non-empty string`);
  };
  if (parts.pathId !== undefined) add('the id in the path', parts.pathId);
  for (const { name, where } of idMembers) if (members.has(name)) add(where, members.get(name));
  if (isIdInQuery) add('"query" beside "persisted": true', members.get('query'));
  if (extensions !== null && Object.hasOwn(extensions, 'persistedQuery')) {
    const parsed = persistedQueryShape.safeParse(extensions['persistedQuery']);
    if (parsed.success) add('"sha256Hash"', parsed.data.sha256Hash);
    else problems.push('"extensions.persistedQuery" must have "version": 1 and "sha256Hash", a non-empty string');
  }
  return ids;
}
