import { defineConfig } from 'vite';

/** Addresses are relative, so that the console works behind any path prefix of a proxy. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1_000,
    reportCompressedSize: false,
    rolldownOptions: {
      // Mantine and TanStack mark their files for servers that render; here is none.
      onLog: (level, log, next) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : next(level, log)),
    },
  },
  // `npx vite apps/console` while it is worked on: what is not a file of it goes to a running gateway.
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/graphql', '/r', '/runs', '/readyz', '/audit.ndjson'].map((path) => [
        path,
        process.env.CERTFOLIO_URL ?? 'http://127.0.0.1:4000',
      ]),
    ),
  },
});
