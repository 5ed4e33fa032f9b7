/** A piece of a text that is only known when the program runs. */
export interface Hole {
  /** The expression as written: `order['id']`. */
  readonly source: string;
}

/** A text of a program as far as it can be told without running it. */
export type TextValue = readonly (string | Hole)[];

/** Joins texts, with literal neighbours made one. */
export function joined(...values: readonly TextValue[]): TextValue {
  const parts: (string | Hole)[] = [];
  for (const part of values.flat()) {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  }
  return parts;
}

/** The text with holes by name, `{order.id}`; `<order.id>` where it goes into a command. */
export function shown(value: TextValue, [open, close]: readonly [string, string] = ['{', '}']): string {
  return value.map((part) => (typeof part === 'string' ? part : `${open}${nameOf(part)}${close}`)).join('');
}

/** A short name of what fills a hole: `order['id']` and `$($order.id)` are `order.id`, `encodeURIComponent(id)` is `id`. */
export function nameOf({ source }: Hole): string {
  const inner = /^[\w.$]+\((.*)\)$/s.exec(source.trim())?.[1] ?? source;
  const name = inner
    .replace(/\[['"]?([\w.-]+)['"]?\]/g, '.$1')
    .replace(/[^\w.-]+/g, ' ')
    .trim()
    .split(' ')
    .at(0)!
    .replace(/^\.+|\.+$/g, '');
  return name === '' ? 'value' : name;
}

/** Names of variables that an expression speaks of, the first part of each: `order.id` is `order`. */
export function rootsOf(source: string): readonly string[] {
  return [...source.matchAll(/(?<![\w.'"-])\$?\(?\$?([A-Za-z_]\w*)/g)].map(([, name]) => name!);
}

/** The literal text, null when there are holes. */
export function literalOf(value: TextValue): string | null {
  return value.every((part) => typeof part === 'string') ? value.join('') : null;
}

/** The first value that has more than holes; else the first. */
export function mostTold(values: readonly TextValue[]): TextValue {
  return values.find((value) => value.some((part) => typeof part === 'string')) ?? values[0] ?? [];
}
