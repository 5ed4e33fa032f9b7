import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

const node = (...args: readonly string[]) =>
  execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });

it('sets again what V8 has by itself', () => {
  expect(node('--v8-options')).toMatch(
    /--invocation-count-for-maglev .*\n.*default: --invocation-count-for-maglev=400\n/,
  );
});

it('has V8 optimize nothing until the start is over, and then again', () => {
  const source = `
    const { optimizeAfterStart } = await import('@certfolio/runtime/optimize-after-start');
    function often(n) { return n * 2; }
    const maglevved = 1 << 5;
    function isOptimizedAfter(calls) {
      for (let call = 0; call < calls; call += 1) { often(call); if (call % 1_000 === 0) %FinalizeOptimization(); }
      return (%GetOptimizationStatus(often) & maglevved) !== 0;
    }
    // Otherwise the loop is what is optimized, with the function in it.
    %NeverOptimizeFunction(isOptimizedAfter);
    const optimizeAsUsual = optimizeAfterStart();
    const whileStarting = isOptimizedAfter(900_000);
    optimizeAsUsual();
    console.log(whileStarting, isOptimizedAfter(10_000_000));`;
  expect(node('--allow-natives-syntax', '--no-turbofan', '--input-type=module', '-e', source)).toBe('false true\n');
});
