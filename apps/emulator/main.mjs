import module from 'node:module';
import { join } from 'node:path';

const major = Number(process.versions.node.split('.')[0]);

if (major >= 24) {
  // A signal to npm ends the shell that it started this in, and does not come here.
  const parent = process.ppid;
  const endAlone = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
  if (process.env.npm_package_name === 'certfolio') setInterval(endAlone, 500).unref();
  // Keeps stripped and compiled modules beside the packages: a second start takes half the time.
  module.enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compiled-modules'));
  await import('./src/main.ts');
} else {
  process.stderr.write(`The emulator needs Node 24 or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = 1;
}
