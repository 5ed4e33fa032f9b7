import { setFlagsFromString } from 'node:v8';

/** Calls after which V8 optimizes a function for the first time, as it is set in Node 24. */
export const usualCalls = 400;

/**
 * Has V8 optimize no function a first time (by Maglev, its middle compiler) while a process starts. What is called often then is
 * called little later, and the compiler's own memory, of several threads, stays with the process: 13 to 43 MB, now 7 to 9. Plain
 * JavaScript, as it comes before everything else.
 *
 * @returns to be called when the process has started
 */
export function optimizeAfterStart() {
  setFlagsFromString('--invocation-count-for-maglev=1000000');
  return () => setFlagsFromString(`--invocation-count-for-maglev=${usualCalls}`);
}
