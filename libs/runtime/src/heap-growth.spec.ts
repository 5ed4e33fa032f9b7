import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { growthPercent, isToGiveBack } from './heap-growth.ts';

const megabytes = (count: number) => count * 2 ** 20;
const rest = 10_000;
const load = 500;

it('lets what is alive grow by a tenth at rest, and while a report streams', () => {
  expect(growthPercent(megabytes(80), rest, false)).toBe(10);
  expect(growthPercent(megabytes(80), load, true)).toBe(10);
  expect(growthPercent(megabytes(200), load, true)).toBe(10);
});

it('lets it grow to 250 MB under load, by one and a half of what is alive at most, and by a fifth where much is', () => {
  expect(growthPercent(megabytes(80), load, false)).toBe(150);
  expect(growthPercent(megabytes(125), load, false)).toBe(100);
  expect(growthPercent(megabytes(200), load, false)).toBe(25);
  expect(growthPercent(megabytes(2_000), load, false)).toBe(20);
});

it('gives back at rest what it holds, when that is much more than it could not give back before', () => {
  expect(isToGiveBack(megabytes(190), megabytes(80))).toBe(true);
  expect(isToGiveBack(megabytes(170), megabytes(80))).toBe(false);
});

it('a process that was busy holds little when it rests', () => {
  const source = `
    import { keepHeapSmall } from '@certfolio/runtime';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { getHeapStatistics } from 'node:v8';
    keepHeapSmall({ restSeconds: 3 });
    let rows = Array.from({ length: 3_000 }, () => new Array(10_000).fill(0.5));
    // A collection that has begun by now ends without us.
    await sleep(1_000);
    const busy = getHeapStatistics().total_heap_size;
    rows = null;
    const untilMs = performance.now() + 30_000;
    const isHeld = () => getHeapStatistics().total_heap_size > busy / 2;
    while (isHeld() && performance.now() < untilMs) await sleep(100);
    console.log(busy > 150 * 2 ** 20, isHeld(), typeof gc);`;
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(told).toBe('true false undefined\n');
});
