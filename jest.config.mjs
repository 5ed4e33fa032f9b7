import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * `npm test` runs what promises times alone, after the crowd of all others, which keeps every processor busy. Without a part
 * all of them are run.
 */
const part = process.env.CERTFOLIO_TEST_PART;

/** Every workspace folder with a package.json is one jest project, named as in nx. */
const projects = ['apps', 'libs', 'libs/subgraphs', 'tools']
  .flatMap((group) => readdirSync(group).map((name) => `${group}/${name}`))
  .filter((dir) => existsSync(`${dir}/package.json`))
  .map((dir) => ({
    displayName: JSON.parse(readFileSync(`${dir}/package.json`, 'utf8')).nx.name,
    rootDir: `${import.meta.dirname}/${dir}`,
    testMatch: [part === 'quiet' ? '<rootDir>/**/*.quiet.spec.ts' : '<rootDir>/**/*.spec.ts'],
    testPathIgnorePatterns: [
      '/node_modules/',
      ...(process.env.CERTFOLIO_TEST_LONG ? [] : ['\\.long\\.spec\\.ts$']),
      ...(part === 'crowd' ? ['\\.quiet\\.spec\\.ts$'] : []),
    ],
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: {
      '^.+\\.ts$': [
        '@swc/jest',
        { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
      ],
    },
  }));

export default {
  projects,
  // More than cores: much of a test is waiting for processes and clocks.
  maxWorkers: 4,
  testTimeout: 60_000,
  globalSetup: '<rootDir>/tools/test/start-database.mjs',
  globalTeardown: '<rootDir>/tools/test/stop-database.mjs',
};
