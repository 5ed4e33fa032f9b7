import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { SettingProblem } from './settings.ts';

/** Steps from the top of the file down to a member. */
export type MemberPath = readonly (string | number)[];

/** A configuration file that was read as YAML; it knows the line of everything in it. */
export interface ConfigDocument {
  /** What the file says, as plain data; undefined when it is no YAML. */
  readonly value: unknown;
  /** What keeps it from being YAML; nothing of its text is repeated, since it may be a secret. */
  readonly problems: readonly SettingProblem[];
  /** How messages name a member: `certfolio.yaml:12 accounts.eu.baseUrl`. An absent one has the line of what it is missed in. */
  placeOf(path: MemberPath): string;
}

/** More aliases than a written file has; each could stand for a large part of it. */
const mostAliases = 100;

export function readConfigDocument(fileName: string, text: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const placeAt = (offset: number) => `${fileName}:${lines.linePos(offset).line}`;
  const problems = document.errors.map(({ code, pos }) => ({
    name: placeAt(pos[0]),
    problem: `is no YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  return {
    ...(problems.length > 0 ? { value: undefined, problems } : dataOf(document, fileName)),
    placeOf: (path) => [placeAt(offsetOf(document, path)), path.join('.')].filter((part) => part !== '').join(' '),
  };
}

function dataOf(document: Document, fileName: string): Pick<ConfigDocument, 'value' | 'problems'> {
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }) as unknown, problems: [] };
  } catch {
    return { value: undefined, problems: [{ name: fileName, problem: 'has aliases that cannot be followed' }] };
  }
}

/** Where the member's name begins, or its value in a list; of the longest part of the path that is there. */
function offsetOf(document: Document, path: MemberPath): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const step of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      offset = startOf(pair.key as Node) ?? offset;
      node = pair.value;
    } else if (isSeq(parent)) {
      node = parent.items[Number(step)];
      if (node === undefined) break;
      offset = startOf(node as Node) ?? offset;
    } else break;
  }
  return offset;
}

const startOf = (node: Node | null): number | undefined => node?.range?.[0];
