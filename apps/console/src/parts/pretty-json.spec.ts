import { expect, it } from '@jest/globals';
import { prettyJson } from './pretty-json.ts';

it('indents JSON and leaves alone what is none', () => {
  expect(prettyJson('{"days":60}')).toBe('{\n  "days": 60\n}');
  expect(prettyJson('days=60')).toBe('days=60');
});
