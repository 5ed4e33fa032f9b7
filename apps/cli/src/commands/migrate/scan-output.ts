import { readyCalls, type AnsweredBy, type FileFinding, type RouteFindings } from '@certfolio/migration';
import { counted } from '../../output/counted.ts';
import { printableLine } from '../../output/printable.ts';
import type { Terminal } from '../../terminal.ts';
import type { LeftOut } from './source-files.ts';

export interface Scanned {
  readonly dir: string;
  /** Files that were read. */
  readonly files: number;
  readonly routes: readonly RouteFindings[];
  readonly untold: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  readonly leftOut: LeftOut;
}

const who: Readonly<Record<AnsweredBy, string>> = {
  graph: 'the graph can answer',
  unchanged: 'answers unchanged',
  proxied: 'stays with CertCentral',
};

export function scanAsJson({ dir, files, routes, untold, leftOut }: Scanned): object {
  return {
    dir,
    files,
    calls: routes.reduce((sum, { calls }) => sum + calls.length, 0),
    routes: routes.map((route) => ({ ...route, calls: route.calls.map(callAsJson) })),
    untold,
    leftOut,
  };
}

function callAsJson({ suggestion, parameters, route, ...call }: FileFinding): object {
  const calls = suggestion === null ? null : readyCalls(suggestion, route);
  return {
    ...call,
    parameters: Object.fromEntries(parameters),
    replacement:
      suggestion === null
        ? null
        : {
            ...suggestion,
            variables: Object.fromEntries(suggestion.variables),
            curl: calls?.curl ?? null,
            run: calls?.run ?? null,
          },
  };
}

/** For people: a block for each route, its calls with what replaces each, and what was not read at the end. */
export function* describeScan(scanned: Scanned, terminal: Pick<Terminal, 'paint'>): Generator<string> {
  const { routes, untold, leftOut } = scanned;
  for (const { route, title, answeredBy, calls } of routes) {
    yield `${terminal.paint('bold', printableLine(route))}  ${title}: ${who[answeredBy]}, ${counted(calls.length, 'call')}`;
    for (const call of calls) yield* describeCall(call, terminal);
    yield '';
  }
  if (untold.length > 0) {
    yield terminal.paint('bold', 'Calls to CertCentral whose route cannot be told');
    for (const { file, line, text } of untold) yield `  ${printableLine(`${file}:${line}`)}  ${printableLine(text)}`;
    yield '';
  }
  yield* describeLeftOut(leftOut, terminal);
  yield summary(scanned);
}

function* describeCall(call: FileFinding, terminal: Pick<Terminal, 'paint'>): Generator<string> {
  const { file, line, calledOnLine, method, isMethodSeen, path, parameters, isLoop, suggestion, route } = call;
  const apart = [...parameters].filter(([name]) => !path.includes(name)).map(([name, value]) => `${name}=${value}`);
  const place = calledOnLine === line ? '' : ` (called on line ${calledOnLine})`;
  const guessed = isMethodSeen ? '' : ' (method not seen)';
  const withParameters = apart.length === 0 ? '' : ` with ${apart.join(' ')}`;
  yield `  ${printableLine(`${file}:${line}`)}  ${method} ${printableLine(`${path}${withParameters}`)}${guessed}${place}`;
  if (isLoop)
    yield `    ${terminal.paint('yellow', 'loop')}   one call for each row (N+1); ${suggestion === null ? 'nothing' : 'one call'} replaces all of them`;
  if (suggestion === null) return;
  const calls = readyCalls(suggestion, route);
  if (calls === null) yield `    field  ${suggestion.field} of the graph; no shipped template has it`;
  else {
    yield `    call   ${printableLine(calls.curl)}`;
    yield `    or     ${printableLine(calls.run)}`;
  }
  for (const note of suggestion.notes) yield `    note   ${printableLine(note)}`;
}

function* describeLeftOut(leftOut: LeftOut, terminal: Pick<Terminal, 'paint'>): Generator<string> {
  for (const { file, reason } of leftOut.unreadable)
    yield `${terminal.paint('red', 'not read')}  ${printableLine(`${file}: ${reason}`)}`;
  for (const file of leftOut.tooLarge)
    yield `${terminal.paint('yellow', 'not read')}  ${printableLine(file)}: larger than 1 MiB`;
  for (const file of leftOut.binary) yield `${terminal.paint('yellow', 'not read')}  ${printableLine(file)}: binary`;
  for (const file of leftOut.links) yield `${terminal.paint('yellow', 'not read')}  ${printableLine(file)}: a link`;
}

function summary({ dir, files, routes, leftOut, untold }: Scanned): string {
  const calls = routes.flatMap((route) => route.calls);
  const by = (answeredBy: AnsweredBy) => calls.filter((call) => call.answeredBy === answeredBy).length;
  const excluded = leftOut.excluded === 0 ? '' : `; ${counted(leftOut.excluded, 'file')} left out by patterns`;
  const open = untold.length === 0 ? '' : `, ${counted(untold.length, 'further call')} whose route cannot be told`;
  const read = `${counted(files, 'file')} of ${printableLine(dir)} read${excluded}`;
  if (calls.length === 0) return `No call of CertCentral's REST API found${open}. ${read}.`;
  return [
    `${counted(calls.length, 'call')} of ${counted(routes.length, 'route')} in ${counted(new Set(calls.map(({ file }) => file)).size, 'file')}${open}:`,
    `${by('graph')} the graph can answer, ${by('unchanged')} unchanged, ${by('proxied')} with CertCentral alone;`,
    `${counted(calls.filter(({ isLoop }) => isLoop).length, 'loop')} over single rows. ${read}.`,
  ].join(' ');
}
