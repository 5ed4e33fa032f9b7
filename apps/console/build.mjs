// What `npm ci` runs at its end: the console's files in dist, with compressed copies beside them, as the gateway serves them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const vite = await import('vite').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  return null;
});
if (vite === null) {
  console.error('The console is not built: packages for development are not installed. The gateway runs without it.');
} else {
  await vite.build({
    root: import.meta.dirname,
    configFile: join(import.meta.dirname, 'vite.config.mjs'),
    logLevel: 'warn',
  });
  const dist = join(import.meta.dirname, 'dist');
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!/\.(html|js|css|svg)$/.test(name)) continue;
    const bytes = readFileSync(join(dist, name));
    writeFileSync(join(dist, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    writeFileSync(join(dist, `${name}.br`), brotliCompressSync(bytes, { params }));
  }
}
