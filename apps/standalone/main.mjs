#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Plain JavaScript, so that an older Node can still say what it lacks.
const wanted = 24;
if (Number(process.versions.node.split('.')[0]) < wanted) {
  process.stderr.write(
    `Certfolio needs Node ${wanted} or newer and this is ${process.versions.node}; start it with "npm start" or npx, which use the Node of the project.\n`,
  );
  process.exit(1);
}
// A mirror that is filled lets go of gigabytes in all and holds 100 MB; V8 by itself lets the heap grow to a multiple of that
// before it collects. Collecting at 1.4 times what was held costs no time that can be measured.
setFlagsFromString('--heap-growing-percent=40');
await import('./src/main.ts');
