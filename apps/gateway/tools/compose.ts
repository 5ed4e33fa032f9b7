import { readFileSync, writeFileSync } from 'node:fs';
import { composeStatic } from '../src/compose-static.ts';

// Writes the composed schemas beside the app; with --check says whether the ones there are up to date.
const isCheck = process.argv.includes('--check');
const { supergraph, api } = composeStatic();
let stale = 0;
for (const [name, text] of [
  ['supergraph.graphql', supergraph],
  ['api-schema.graphql', api],
] as const) {
  const file = new URL(`../${name}`, import.meta.url);
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    stale += 1;
    process.stderr.write(
      `apps/gateway/${name} is not what the subgraphs compose to; run "npm run compose" and review the difference.\n`,
    );
  }
}
process.exitCode = stale === 0 ? 0 : 1;
