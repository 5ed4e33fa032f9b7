import module from 'node:module';

const major = Number(process.versions.node.split('.')[0]);

if (major >= 24) {
  // Keeps stripped and compiled modules in the system's temporary folder: a second start takes half the time.
  module.enableCompileCache();
  await import('./src/main.ts');
} else {
  process.stderr.write(`The emulator needs Node 24 or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = 1;
}
