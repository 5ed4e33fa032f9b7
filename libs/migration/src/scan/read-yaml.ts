import {
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { methodOf, type RawCall, type SourceReading } from './raw-call.ts';
import { parameterName } from './parameters.ts';
import { readShell } from './read-shell.ts';
import { joined, nameOf, rootsOf, shown, type TextValue } from './text-value.ts';

const urlKeys = /^(url|uri|endpoint|base_?url|address)$/i;
const scripts =
  /^(run|script|shell|cmd|command|before_script|after_script|args|inline|raw|ansible\.builtin\.(shell|command))$/;
const loops = /^(loop|with_\w+)$/;

/** Reads a YAML file for calls: addresses in Jinja as playbooks have them, and shell in the steps of pipelines. */
export function readYaml(source: string): SourceReading {
  const lines = new LineCounter();
  const documents = parseAllDocuments(source, {
    lineCounter: lines,
    strict: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const calls: RawCall[] = [];
  const literals: string[] = [];
  const list = Array.isArray(documents) ? documents : [];
  const variables = new Map<string, string>();
  for (const document of list)
    visit(document, {
      Pair: (_key, pair) => {
        const [name, value] = textsOf(pair);
        literals.push(name, value ?? '');
        if (value !== null && /^https?:\/\/|\{\{/.test(value)) variables.set(name, value);
      },
      Scalar: (_key, scalar) => void literals.push(String(scalar.value)),
    });
  for (const document of list)
    visit(document, {
      Scalar: (key, scalar, path) => {
        const parent = path.at(-1);
        const name = isPair(parent) && key === 'value' ? textsOf(parent)[0] : nameOfList(path);
        if (typeof scalar.value !== 'string' || key === 'key') return;
        const line = lines.linePos(scalar.range?.[0] ?? 0).line;
        if (scripts.test(name)) {
          const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED';
          const read = readShell(withVariables(scalar.value, variables), line + (isBlock ? 1 : 0));
          calls.push(...read.calls);
          literals.push(read.literals);
        } else if (urlKeys.test(name)) calls.push(taskCall(scalar.value, line, path, variables));
      },
    });
  return { calls, literals: literals.join('\n') };
}

function textsOf(pair: Pair<unknown, unknown>): readonly [string, string | null] {
  const key = isScalar(pair.key) ? String(pair.key.value) : '';
  return [key, isScalar(pair.value) && typeof pair.value.value === 'string' ? pair.value.value : null];
}

/** Of an item in a list: the key of the list. */
function nameOfList(path: readonly unknown[]): string {
  const pair = path.findLast((node) => isPair(node));
  return pair === undefined ? '' : textsOf(pair as Pair)[0];
}

/** The expressions of GitLab and GitHub as the shell has variables, so that addresses in them stay one word. */
const withVariables = (script: string, variables: ReadonlyMap<string, string>) =>
  script.replace(/\$?\{\{\s*([\w.]+)\s*\}\}/g, (_all, name: string) => {
    const known = variables.get(name.replace(/^(env|vars)\./, ''));
    return known !== undefined && !known.includes('{{') ? known : `\${${name.replaceAll('.', '_')}}`;
  });

function taskCall(
  text: string,
  line: number,
  path: readonly unknown[],
  variables: ReadonlyMap<string, string>,
): RawCall {
  const maps = path.filter((node): node is YAMLMap => isMap(node as Node));
  const own = maps.at(-1);
  const written = own === undefined ? undefined : own.get('method');
  const value = filled(text, variables);
  const roots = value.flatMap((part) => (typeof part === 'string' ? [] : rootsOf(part.source)));
  const loop = maps.find((map) => map.items.some((pair) => loops.test(textsOf(pair)[0])));
  const bound = loop === undefined ? [] : ['item', loopVariable(loop)];
  const isTask = own !== undefined && maps.length > 1;
  return {
    line,
    calledOnLine: line,
    value,
    method: typeof written === 'string' ? methodOf(written) : isTask ? 'GET' : null,
    parameters: parametersOf(own),
    callee: null,
    isOwnCallee: false,
    place: 'argument',
    isLoop: roots.some((root) => bound.includes(root)),
    within: null,
    parametersOfFunction: [],
  };
}

function loopVariable(map: YAMLMap): string {
  const control = map.get('loop_control');
  const name = isMap(control) ? control.get('loop_var') : undefined;
  return typeof name === 'string' ? name : 'item';
}

function parametersOf(map: YAMLMap | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (map === undefined) return found;
  visit(map, {
    Pair: (_key, pair) => {
      const [name, value] = textsOf(pair);
      if (/^filters?\[/.test(name))
        found.set(parameterName(name), value === null ? '<value>' : shown(filled(value, new Map()), ['<', '>']));
    },
  });
  return found;
}

/** Splits at `{{ … }}` and puts in the variables of the file. */
function filled(text: string, variables: ReadonlyMap<string, string>, depth = 0): TextValue {
  const parts: TextValue[] = [];
  let from = 0;
  for (const found of text.matchAll(/\$?\{\{(.*?)\}\}/gs)) {
    parts.push([text.slice(from, found.index)]);
    from = found.index + found[0].length;
    const source = found[1]!.trim();
    const name = /^[\w.]+/.exec(source)?.[0] ?? '';
    const known = variables.get(name.slice(name.lastIndexOf('.') + 1));
    const literal = /default\(\s*['"](https?:[^'"]+)['"]/.exec(source)?.[1];
    if (literal !== undefined) parts.push([literal]);
    else if (known !== undefined && known !== text && depth < 4) parts.push(filled(known, variables, depth + 1));
    else parts.push([{ source: nameOf({ source: source.split('|')[0]! }) }]);
  }
  parts.push([text.slice(from)]);
  return joined(...parts);
}
