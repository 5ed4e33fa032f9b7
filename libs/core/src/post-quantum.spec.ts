import { expect, it } from '@jest/globals';
import { postQuantumStateOf } from './public-key.ts';

it.each([
  ['RSA', 'vulnerable'],
  ['ECDSA', 'vulnerable'],
  ['Ed25519', 'vulnerable'],
  ['ML-DSA-65', 'ready'],
  ['SLH-DSA-SHAKE-256f', 'ready'],
  // Composite keys have no name of their own yet.
  ['1.3.6.1.5.5.7.6.37', 'transition'],
  ['1.3.6.1.5.5.7.6.54', 'transition'],
  ['1.3.6.1.5.5.7.6.55', 'unknown'],
  ['2.16.840.1.114027.80.8.1.28', 'transition'],
  ['1.2.3.4', 'unknown'],
  [null, 'unknown'],
])('a key of %s is %s', (algorithm, state) => {
  expect(postQuantumStateOf(algorithm)).toBe(state);
});
