import { expect, it } from '@jest/globals';
import { exampleYaml } from './example-yaml.ts';

it('sends to a destination that needs no recipients', () => {
  const destinations = [
    { name: 'mail', kind: 'email', recipients: [] },
    { name: 'vault', kind: 'bucket', recipients: ['bucket'] },
  ];
  expect(exampleYaml(destinations)).toContain('to: [vault]');
  expect(exampleYaml(destinations.slice(0, 1))).toContain('to: [mail]');
  expect(exampleYaml([])).toContain('to: [share]');
});
