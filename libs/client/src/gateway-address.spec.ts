import { expect, it } from '@jest/globals';
import { parseGatewayAddress, templatePath } from './gateway-address.ts';

it('keeps a path prefix and drops what stands at its end', () => {
  const parsed = parseGatewayAddress('https://pki.test/certfolio/?x=1');
  expect(parsed.ok && parsed.address.at('/r/a.json')).toBe('https://pki.test/certfolio/r/a.json');
});

it.each(['', 'localhost:4000', 'ftp://x', 'http://user:hunter2@x', 'http://hunter2@x', 'http://'])(
  'refuses %j without repeating it',
  (text) => {
    const parsed = parseGatewayAddress(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problem).not.toContain('hunter2');
  },
);

it('escapes everything in an id that would change the path, and leaves versions readable', () => {
  expect(templatePath('expiring-soon@2', 'csv', new Map())).toBe('/r/expiring-soon@2.csv');
  expect(templatePath('../keys?x', 'json', new Map())).toBe('/r/..%2Fkeys%3Fx.json');
  expect(
    templatePath(
      'a',
      'json',
      new Map<string, string | string[]>([
        ['nameLike', '%é&='],
        ['ids', ['1', '2']],
      ]),
    ),
  ).toBe('/r/a.json?nameLike=%25%C3%A9%26%3D&ids=1&ids=2');
});
