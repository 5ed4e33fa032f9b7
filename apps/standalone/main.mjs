#!/usr/bin/env node
// Plain JavaScript, so that an older Node can still say what it lacks.
const wanted = 24;
if (Number(process.versions.node.split('.')[0]) < wanted) {
  process.stderr.write(
    `Certfolio needs Node ${wanted} or newer and this is ${process.versions.node}; start it with "npm start" or npx, which use the Node of the project.\n`,
  );
  process.exit(1);
}
if (process.env.npm_package_name === 'certfolio') {
  const { endWithParent } = await import('@certfolio/runtime/end-with-parent');
  endWithParent();
}
const { optimizeAfterStart } = await import('@certfolio/runtime/optimize-after-start');
const optimizeAsUsual = optimizeAfterStart();
const { keepCompiledModules } = await import('@certfolio/runtime/keep-compiled-modules');
keepCompiledModules();
const { leaveOutUnused } = await import('@certfolio/execution/leave-out-unused');
leaveOutUnused();
await import('./src/main.ts');
optimizeAsUsual();
