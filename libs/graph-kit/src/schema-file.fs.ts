import { readFileSync } from 'node:fs';
import { parse, type DocumentNode } from 'graphql';

/** Reads the SDL file that stands beside a subgraph's code; `parse(…, {noLocation})` since nobody asks where a type stands. */
export function readSchemaFile(url: URL): DocumentNode {
  return parse(readFileSync(url, 'utf8'), { noLocation: true });
}
