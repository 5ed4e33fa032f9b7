// Everything that must pass, step by step: format, types, lint, schema, tests. Ends with the runner's own counts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const isLong = process.argv.includes('--long');
const report = 'test-results/jest.json';
mkdirSync('test-results', { recursive: true });
rmSync(report, { force: true });

const bin = (name) => `node_modules/.bin/${name}`;
const environment = {
  ...process.env,
  NX_DAEMON: 'false',
  APOLLO_TELEMETRY_DISABLED: 'true',
  FORCE_COLOR: '0',
  ...(isLong ? { CERTFOLIO_TEST_LONG: '1' } : {}),
};

const steps = [
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['lint', bin('nx'), ['run-many', '-t', 'lint', '--parallel=2', '--outputStyle=static']],
  ['schema', process.execPath, ['apps/gateway/tools/compose.ts', '--check']],
  [
    'tests',
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--ci',
      '--json',
      `--outputFile=${report}`,
    ],
  ],
];

const failed = [];
for (const [name, command, args] of steps) {
  const startedMs = Date.now();
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', name === 'tests' ? 'ignore' : 'inherit', 'inherit'],
    env: environment,
  });
  process.stdout.write(
    `== ${name} ${status === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - startedMs) / 1_000)} s\n`,
  );
  if (status !== 0) failed.push(name);
}

const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = readReport();
// A check that failed, or a suite that could not be loaded, is a failure that jest's count of tests does not have.
const otherFailures = failed.filter((name) => name !== 'tests').length + numRuntimeErrorTestSuites;
const isMissing = failed.includes('tests') && numFailedTests + numRuntimeErrorTestSuites === 0 ? 1 : 0;
if (failed.length > 0) process.stdout.write(`\nFailed: ${failed.join(', ')}\n`);
process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests + otherFailures + isMissing} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  }
}
