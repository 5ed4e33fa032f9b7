import { expect, it } from '@jest/globals';
import { globMatcher, ignorePatterns } from './glob.ts';

it('fits as .gitignore has it', () => {
  const fits = (pattern: string, path: string) => globMatcher(pattern)(path);
  expect(fits('*.sh', 'a/b.sh')).toBe(true);
  expect(fits('*.sh', 'a/b.sh.txt')).toBe(false);
  expect(fits('old/', 'a/old/b.sh')).toBe(true);
  expect(fits('/old', 'a/old/b.sh')).toBe(false);
  expect(fits('apps/*/test/', 'apps/cli/test/x/a.ts')).toBe(true);
  expect(fits('apps/*/test/', 'apps/a/b/test/a.ts')).toBe(false);
  expect(fits('libs/**/*.spec.ts', 'libs/a.spec.ts')).toBe(true);
  expect(fits('a.b', 'axb')).toBe(false);
});

it('reads an ignore file without comments and empty lines', () => {
  expect(ignorePatterns('# why\n\n a/ \r\nb\n')).toEqual(['a/', 'b']);
});
