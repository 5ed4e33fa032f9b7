import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Every workspace folder with a package.json is one jest project, named as in nx. */
const projects = ['apps', 'libs', 'libs/subgraphs', 'tools']
  .flatMap((group) => readdirSync(group).map((name) => `${group}/${name}`))
  .filter((dir) => existsSync(`${dir}/package.json`))
  .map((dir) => ({
    displayName: JSON.parse(readFileSync(`${dir}/package.json`, 'utf8')).nx.name,
    rootDir: `${import.meta.dirname}/${dir}`,
    testMatch: ['<rootDir>/**/*.spec.ts'],
    testPathIgnorePatterns: ['/node_modules/', ...(process.env.CERTFOLIO_TEST_LONG ? [] : ['\\.long\\.spec\\.ts$'])],
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
