import { Worker } from 'node:worker_threads';
import { type FileSpec } from './file-spec.ts';
import { type OrderFiles } from './make-files.ts';

export interface WorkerPool {
  readonly size: number;
  /** @throws when the worker died or the pool was closed before the batch was done */
  readonly makeFiles: (specs: readonly FileSpec[]) => Promise<readonly OrderFiles[]>;
  readonly close: () => Promise<void>;
}

/** A batch needs little; without a limit each thread's heap grows to hundreds of megabytes before it is swept. */
const WORKER_LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 };

interface Waiting {
  readonly resolve: (files: readonly OrderFiles[]) => void;
  readonly reject: (reason: Error) => void;
}

interface Member {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

function startMember(): Member {
  const waiting = new Map<number, Waiting>();
  const worker = new Worker(new URL('./make-files.worker.ts', import.meta.url), {
    execArgv: [],
    resourceLimits: WORKER_LIMITS,
  });
  const failAll = (reason: Error) => {
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
  };
  worker.on('message', ({ job, files }: { job: number; files: readonly OrderFiles[] }) => {
    waiting.get(job)?.resolve(files);
    waiting.delete(job);
  });
  worker.on('error', failAll);
  worker.on('exit', () => failAll(new Error('The certificate worker has ended.')));
  worker.unref();
  return { worker, waiting };
}

/** Threads start with the first batch and are shared by all later ones; the least busy takes the next. */
export function createWorkerPool(size: number): WorkerPool {
  let members: readonly Member[] = [];
  let jobs = 0;
  return {
    size,
    makeFiles: (specs) => {
      if (members.length === 0) members = Array.from({ length: size }, startMember);
      const member = members.reduce((least, one) => (one.waiting.size < least.waiting.size ? one : least));
      jobs += 1;
      const job = jobs;
      return new Promise((resolve, reject) => {
        member.waiting.set(job, { resolve, reject });
        member.worker.postMessage({ job, specs });
      });
    },
    close: async () => {
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}
