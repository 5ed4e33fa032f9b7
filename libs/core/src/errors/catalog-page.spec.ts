import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { catalogPage } from './catalog-page.ts';

it('is what docs/errors.md says; "npm run docs" writes it', () => {
  expect(readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')).toBe(catalogPage());
});
