import { parentPort } from 'node:worker_threads';
import { type FileSpec } from './file-spec.ts';
import { makeFiles } from './make-files.ts';

/** Signs a batch away from the thread that answers requests. */
parentPort?.on('message', ({ job, specs }: { job: number; specs: readonly FileSpec[] }) => {
  parentPort?.postMessage({ job, files: specs.map(makeFiles) });
});
