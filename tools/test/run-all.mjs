// Everything that must pass, step by step: format, types, lint, schema, tests. Ends with the runner's own counts.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const isLong = process.argv.includes('--long');
/** What promises times is run last and one by one, when nothing else needs the processors. */
const parts = ['crowd', 'quiet'];
const reportOf = (part) => `test-results/jest-${part}.json`;
mkdirSync('test-results', { recursive: true });
for (const part of parts) rmSync(reportOf(part), { force: true });

const bin = (name) => `node_modules/.bin/${name}`;
const environment = {
  ...process.env,
  NX_DAEMON: 'false',
  APOLLO_TELEMETRY_DISABLED: 'true',
  FORCE_COLOR: '0',
  ...(isLong ? { CERTFOLIO_TEST_LONG: '1' } : {}),
};

const checks = [
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of the console', bin('tsc'), ['-p', 'apps/console/tsconfig.json']],
  ['lint', bin('nx'), ['run-many', '-t', 'lint', '--parallel=1', '--outputStyle=static']],
  ['lint of tools', bin('eslint'), ['tools']],
  ['schema', process.execPath, ['apps/gateway/tools/compose.ts', '--check']],
];
const testsOf = (part) => [
  `tests, ${part}`,
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--ci',
    '--json',
    `--outputFile=${reportOf(part)}`,
    ...(part === 'quiet' ? ['--runInBand'] : []),
  ],
  { CERTFOLIO_TEST_PART: part },
];

/** Runs it to its end; its output comes at once, or as one piece. @returns whether it passed */
async function run([name, command, args, settings = {}], isShownAtOnce) {
  const startedMs = Date.now();
  if (isShownAtOnce) process.stdout.write(`\n== ${name}\n`);
  // What jest prints on its standard output is in the report.
  const stdio = isShownAtOnce ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { stdio, env: { ...environment, ...settings } });
  const pieces = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => pieces.push(piece));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      pieces.push(Buffer.from(`${error.message}\n`));
      resolve(null);
    });
    child.once('close', resolve);
  });
  if (!isShownAtOnce) process.stdout.write(`\n== ${name}\n${Buffer.concat(pieces).toString()}`);
  const word = status === 0 ? 'passed' : 'FAILED';
  process.stdout.write(`== ${name} ${word} in ${Math.round((Date.now() - startedMs) / 1_000)} s\n`);
  return status === 0;
}

// The checks run side by side, each of them on one processor.
const passed = new Map(await Promise.all(checks.map(async (step) => [step[0], await run(step, false)])));
for (const part of parts) passed.set(`tests, ${part}`, await run(testsOf(part), true));
const failed = [...passed].filter(([, isPassed]) => !isPassed).map(([name]) => name);

const reports = parts.map((part) => ({ part, ...readReport(reportOf(part)) }));
const sum = (countOf) => reports.reduce((all, report) => all + countOf(report), 0);
// A check that failed, or a suite that could not be loaded, is a failure that jest's count of tests does not have.
const otherFailures =
  failed.filter((name) => !name.startsWith('tests')).length +
  sum(({ numRuntimeErrorTestSuites }) => numRuntimeErrorTestSuites) +
  reports.filter(isMissing).length;
if (failed.length > 0) process.stdout.write(`\nFailed: ${failed.join('; ')}\n`);
const [passedTests, failedTests] = [sum((report) => report.numPassedTests), sum((report) => report.numFailedTests)];
process.stdout.write(`\n${passedTests} passed, ${failedTests + otherFailures} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** It failed, and no test of its report says so. */
function isMissing({ part, numFailedTests, numRuntimeErrorTestSuites }) {
  return failed.includes(`tests, ${part}`) && numFailedTests + numRuntimeErrorTestSuites === 0;
}

function readReport(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  }
}
