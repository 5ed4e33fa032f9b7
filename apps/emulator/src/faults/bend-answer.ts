import { bytes, json, errorAnswer, type Answer } from '../http/answer.ts';
import { ApiError, limitExceeded } from '../http/api-error.ts';
import { type Fault, type FaultKind } from './fault.ts';

/** Faults that change what is said; those that change how it is sent are in the delivery. */

const errorCodes = new Map([
  [401, 'unauthorized'],
  [403, 'access_denied'],
  [404, 'not_found'],
  [500, 'internal_server_error'],
  [502, 'bad_gateway'],
  [503, 'service_unavailable'],
  [504, 'gateway_timeout'],
]);

const errorOf = (status: number): Answer =>
  errorAnswer(
    status === 429
      ? limitExceeded()
      : new ApiError(status, errorCodes.get(status) ?? 'error', 'The service could not answer this request.'),
  );

const maintenancePage =
  '<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>\n';

/** Not UTF-8, not JSON, and the same every time. */
const garbage = Buffer.from(Array.from({ length: 512 }, (_, at) => (at * 197 + 131) % 256));

type Rows = readonly unknown[];

/** The list inside a JSON answer: of a page, or of the first query of a Custom Reports answer. */
function withRows(value: unknown, change: (rows: Rows) => unknown): unknown {
  if (Array.isArray(value)) return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const list = entries.find(([, part]) => Array.isArray(part)) ?? entries.find(([name]) => name === 'data');
  if (list === undefined) return value;
  return Object.fromEntries(entries.map(([name, part]) => [name, name === list[0] ? withRows(part, change) : part]));
}

async function* changeFirstRow(rows: AsyncIterable<readonly string[]>, change: (first: string) => readonly string[]) {
  let isFirst = true;
  for await (const batch of rows) {
    const [first, ...rest] = batch;
    yield isFirst && first !== undefined ? [...change(first), ...rest] : batch;
    isFirst = isFirst && first === undefined;
  }
}

function bendRows(answer: Answer, change: (first: unknown) => readonly unknown[]): Answer {
  if (answer.kind === 'json') {
    return {
      ...answer,
      value: withRows(answer.value, ([first, ...rest]) => (first === undefined ? [] : [...change(first), ...rest])),
    };
  }
  if (answer.kind !== 'csv') return answer;
  const rows = changeFirstRow(answer.csv.rows, (first) => change(first).map(String));
  return { ...answer, csv: { ...answer.csv, rows } };
}

/** Valid JSON of another form: a list becomes an object by position, an answer without lists is wrapped in one. */
function misshape(answer: Answer): Answer {
  if (answer.kind === 'csv')
    return { ...answer, csv: { ...answer.csv, header: answer.csv.header.split(',').slice(1).join(',') } };
  if (answer.kind !== 'json') return answer;
  let hadRows = false;
  const value = withRows(answer.value, (rows) => {
    hadRows = true;
    return Object.fromEntries(rows.entries());
  });
  return { ...answer, value: hadRows ? value : [answer.value] };
}

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same with another value at a place that is there; null when it is not. */
function withField(value: unknown, [name = '', ...rest]: readonly string[], to: unknown): Members | null {
  if (!isMembers(value) || !(name in value)) return null;
  const inner = rest.length === 0 ? to : withField(value[name], rest, to);
  return inner === null && rest.length > 0 ? null : { ...value, [name]: inner };
}

/** One wrong value: of the answer itself, or of the first row of its list. CSV stays as it is. */
function misstate(answer: Answer, { field = '', value: to = null }: Fault): Answer {
  if (answer.kind !== 'json') return answer;
  const path = field.split('.');
  const own = withField(answer.value, path, to);
  if (own !== null) return { ...answer, value: own };
  return bendRows(answer, (first) => [withField(first, path, to) ?? first]);
}

/** The second column of a report under a new name, as after a release of the service; JSON stays as it is. */
function renameColumn(answer: Answer): Answer {
  if (answer.kind !== 'csv') return answer;
  const [first, second, ...rest] = answer.csv.header.split(',');
  return { ...answer, csv: { ...answer.csv, header: [first, `${second}_new`, ...rest].join(',') } };
}

const bends = new Map<FaultKind, (answer: Answer, fault: Fault) => Answer>([
  ['status', (_answer, { status }) => errorOf(status ?? 500)],
  [
    'garbage',
    (_answer, { status }) => ({ kind: 'bytes', status: status ?? 200, type: 'application/json', bytes: garbage }),
  ],
  ['html', (_answer, { status }) => ({ ...bytes('text/html', maintenancePage), status: status ?? 200 })],
  ['empty', (_answer, { status }) => ({ ...bytes('application/json', ''), status: status ?? 200 })],
  ['redirect', (_answer, { status }) => json({}, status ?? 302)],
  ['wrong-shape', misshape],
  ['wrong-field', misstate],
  ['rename-column', renameColumn],
  ['duplicate-row', (answer) => bendRows(answer, (first) => [first, first])],
  ['drop-row', (answer) => bendRows(answer, () => [])],
]);

/** Kinds that need no proper answer to start from, so that the resource is not asked for one. */
export const replacesAnswer = (kind: FaultKind) =>
  ['status', 'garbage', 'html', 'empty', 'redirect', 'reset-before'].includes(kind);

export function bendAnswer(answer: Answer, fault: Fault): Answer {
  return bends.get(fault.kind)?.(answer, fault) ?? answer;
}
