import { describe, expect, it } from '@jest/globals';
import { renewalsPerYear, weaknessesOf } from './certificate-facts.ts';

describe('weaknesses', () => {
  const policy = { minRsaBits: 2048, minEcBits: 256, weakHashes: ['sha1', 'MD5'] };
  const of = (keyAlgorithm: string | null, keySize: number | null, signatureHash: string | null = 'sha256') =>
    weaknessesOf({ keyAlgorithm, keySize, signatureHash }, policy);

  it('are keys below the length for their kind, and hashes that are not wanted', () => {
    expect([of('RSA', 2047), of('RSA', 2048), of('DSA', 1024), of('ECDSA', 255), of('ECDSA', 256)]).toEqual([
      ['short_key'],
      [],
      ['short_key'],
      ['short_key'],
      [],
    ]);
    expect([of('RSA', 4096, 'SHA1'), of('RSA', 1024, 'md5')]).toEqual([['weak_hash'], ['short_key', 'weak_hash']]);
  });

  it('are keys that nobody can judge, but not those without a choice of length', () => {
    expect([of(null, null), of(null, 2048), of('RSA', null), of('Ed25519', null), of('ML-DSA-65', null)]).toEqual([
      ['unknown_key'],
      ['unknown_key'],
      ['unknown_key'],
      [],
      [],
    ]);
  });
});

describe('renewals in a year', () => {
  it('go by the shorter of the cap and the own validity', () => {
    expect([
      renewalsPerYear(365, 100),
      renewalsPerYear(365, 47),
      renewalsPerYear(90, 100),
      renewalsPerYear(365, null),
    ]).toEqual([3.7, 7.8, 4.1, 1]);
  });

  it('are not known of a certificate without validity', () => {
    expect([renewalsPerYear(null, 100), renewalsPerYear(0, 100)]).toEqual([null, null]);
  });
});
