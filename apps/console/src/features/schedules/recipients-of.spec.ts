import { expect, it } from '@jest/globals';
import { recipientsOf } from './recipients-of.ts';

const destinations = [
  { name: 'share', kind: 'folder', recipients: ['folder'] },
  { name: 'mail', kind: 'email', recipients: ['pki@example.com', 'ops@example.com'] },
];

it('takes the recipients that a schedule names before those of the destination, each once', () => {
  const definition = JSON.stringify({
    to: [
      { destination: 'share', recipients: null },
      { destination: 'mail', recipients: ['ops@example.com'] },
      { destination: 'mail', recipients: ['ops@example.com', 'me@example.com'] },
    ],
  });
  expect(recipientsOf(definition, destinations)).toEqual(['folder', 'ops@example.com', 'me@example.com']);
});

it('knows nobody of a destination that is not configured any more', () => {
  expect(recipientsOf('{"to":[{"destination":"constructor","recipients":null}]}', destinations)).toEqual([]);
});
