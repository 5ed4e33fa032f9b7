/** What makes a certificate weak; `unknown_key` is a key that CertCentral does not tell. */
export type CertificateWeakness = 'short_key' | 'weak_hash' | 'unknown_key';

/** What a key and a signature must have at least. */
export interface KeyPolicy {
  readonly minRsaBits: number;
  readonly minEcBits: number;
  readonly weakHashes: readonly string[];
}

interface Key {
  readonly keyAlgorithm?: string | null;
  readonly keySize?: number | null;
  readonly signatureHash?: string | null;
}

/** A key whose algorithm is told but not its size counts as unknown where the size matters: RSA, DSA and ECDSA. */
export function weaknessesOf(
  { keyAlgorithm, keySize, signatureHash }: Key,
  { minRsaBits, minEcBits, weakHashes }: KeyPolicy,
): readonly CertificateWeakness[] {
  const weaknesses: CertificateWeakness[] = [];
  const minBits =
    keyAlgorithm === 'RSA' || keyAlgorithm === 'DSA' ? minRsaBits : keyAlgorithm === 'ECDSA' ? minEcBits : 0;
  if (keyAlgorithm == null || (minBits > 0 && keySize == null)) weaknesses.push('unknown_key');
  else if (keySize != null && keySize < minBits) weaknesses.push('short_key');
  const hash = signatureHash?.toLowerCase();
  if (hash !== undefined && weakHashes.some((weak) => weak.toLowerCase() === hash)) weaknesses.push('weak_hash');
  return weaknesses;
}

/**
 * Renewals in 365 days when certificates are valid for so many days, one decimal; of a certificate that is valid for less, its own
 * validity counts. Null for no validity at all.
 */
export function renewalsPerYear(validityDays: number | null, maxDays: number | null): number | null {
  if (validityDays === null) return null;
  const days = Math.min(validityDays, maxDays ?? validityDays);
  return days < 1 ? null : Math.round((365 / days) * 10) / 10;
}
