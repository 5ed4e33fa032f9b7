#!/usr/bin/env node
// Plain JavaScript, so that an older Node gets as far as the sentence below.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `certfolio needs Node 24 or newer and this is ${process.version}; in a checkout, "npx certfolio" brings its own.\n`,
  );
  process.exitCode = 1;
} else {
  // By npx.
  if (process.env.npm_package_name === 'certfolio') {
    const { endWithParent } = await import('@certfolio/runtime/end-with-parent');
    endWithParent();
  }
  const { keepCompiledModules } = await import('@certfolio/runtime/keep-compiled-modules');
  keepCompiledModules();
  const { main } = await import('../src/main.ts');
  await main(process.argv.slice(2));
}
