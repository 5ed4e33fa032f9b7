/** The key that a certificate request asks a certificate for. */
export interface PublicKeyFacts {
  /** `RSA`, `ECDSA`, `Ed25519`, `ML-DSA-65`, …; the dotted object identifier for one that is not known here. */
  readonly algorithm: string;
  /** Bits of the modulus or of the curve's order; null where the algorithm has no such choice, or it is not known. */
  readonly size: number | null;
}

/** Object identifiers of keys. Sources: RFC 8017, 5480, 8410, 9881 (ML-DSA), 9909 (SLH-DSA). */
const algorithms: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.1', 'RSA'],
  ['1.2.840.113549.1.1.10', 'RSA'],
  ['1.2.840.10045.2.1', 'ECDSA'],
  ['1.2.840.10040.4.1', 'DSA'],
  ['1.3.101.112', 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
  ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
  ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
  ['2.16.840.1.101.3.4.3.20', 'SLH-DSA-SHA2-128s'],
  ['2.16.840.1.101.3.4.3.21', 'SLH-DSA-SHA2-128f'],
  ['2.16.840.1.101.3.4.3.22', 'SLH-DSA-SHA2-192s'],
  ['2.16.840.1.101.3.4.3.23', 'SLH-DSA-SHA2-192f'],
  ['2.16.840.1.101.3.4.3.24', 'SLH-DSA-SHA2-256s'],
  ['2.16.840.1.101.3.4.3.25', 'SLH-DSA-SHA2-256f'],
  ['2.16.840.1.101.3.4.3.26', 'SLH-DSA-SHAKE-128s'],
  ['2.16.840.1.101.3.4.3.27', 'SLH-DSA-SHAKE-128f'],
  ['2.16.840.1.101.3.4.3.28', 'SLH-DSA-SHAKE-192s'],
  ['2.16.840.1.101.3.4.3.29', 'SLH-DSA-SHAKE-192f'],
  ['2.16.840.1.101.3.4.3.30', 'SLH-DSA-SHAKE-256s'],
  ['2.16.840.1.101.3.4.3.31', 'SLH-DSA-SHAKE-256f'],
]);

/** Bits of named curves. Source: RFC 5480, 2.1.1.1. */
const curveBits: ReadonlyMap<string, number> = new Map([
  ['1.2.840.10045.3.1.7', 256],
  ['1.3.132.0.34', 384],
  ['1.3.132.0.35', 521],
]);

/** Keys that hold a classical and a post-quantum one; the object identifiers of the drafts. Source: draft-ietf-lamps-pq-composite-sigs. */
const composite = /^(?:1\.3\.6\.1\.5\.5\.7\.6\.(?:3[7-9]|4\d|5[0-4])|2\.16\.840\.1\.114027\.80\.[89](?:\.\d+)*)$/;

/** How a key stands to an attacker with a quantum computer; `transition` is a classical and a post-quantum key in one. */
export type PostQuantumState = 'vulnerable' | 'transition' | 'ready' | 'unknown';

const classical: ReadonlySet<string> = new Set(['RSA', 'ECDSA', 'DSA', 'Ed25519', 'Ed448']);

/** @param algorithm as `PublicKeyFacts` has it; null where there is no certificate request to look into */
export function postQuantumStateOf(algorithm: string | null): PostQuantumState {
  if (algorithm === null) return 'unknown';
  if (classical.has(algorithm)) return 'vulnerable';
  if (/^(?:ML-DSA|SLH-DSA)-/.test(algorithm)) return 'ready';
  return composite.test(algorithm) ? 'transition' : 'unknown';
}

const tags = { integer: 0x02, bitString: 0x03, objectIdentifier: 0x06, sequence: 0x30 } as const;

/**
 * Reads the subject's public key out of a PEM certificate request (PKCS #10, RFC 2986). Nothing is verified. Null for a text
 * that is no such request: what customers pasted is nobody's fault here.
 */
export function publicKeyOf(csr: string): PublicKeyFacts | null {
  const base64 = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/.exec(csr)?.[1];
  if (base64 === undefined) return null;
  try {
    const request = new DerReader(Buffer.from(base64, 'base64')).into(tags.sequence);
    const info = request.into(tags.sequence);
    info.skip(); // version
    info.skip(); // subject
    const key = info.into(tags.sequence);
    const kind = key.into(tags.sequence);
    const identifier = kind.objectIdentifier();
    const algorithm = algorithms.get(identifier) ?? identifier;
    if (algorithm === 'RSA') return { algorithm, size: key.bitString().into(tags.sequence).integerBits() };
    if (algorithm === 'ECDSA') return { algorithm, size: curveBits.get(kind.objectIdentifier()) ?? null };
    return { algorithm, size: null };
  } catch (error) {
    if (error instanceof NotDer) return null;
    throw error;
  }
}

class NotDer extends Error {}

/** Walks DER, one element after the other. */
class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  into(tag: number): DerReader {
    return new DerReader(this.#take(tag));
  }

  skip(): void {
    this.#take(null);
  }

  bitString(): DerReader {
    return new DerReader(this.#take(tags.bitString).subarray(1)); // the first byte counts unused bits
  }

  /** Significant bits of a positive integer. */
  integerBits(): number {
    const bytes = this.#take(tags.integer);
    const first = bytes.findIndex((byte) => byte !== 0);
    if (first < 0) throw new NotDer();
    return (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first]!));
  }

  objectIdentifier(): string {
    const bytes = this.#take(tags.objectIdentifier);
    const numbers: number[] = [];
    let number = 0;
    for (const byte of bytes) {
      number = number * 128 + (byte & 0x7f);
      if (byte & 0x80) continue;
      numbers.push(number);
      number = 0;
    }
    const [first = 0, ...others] = numbers;
    const root = Math.min(2, Math.floor(first / 40));
    return [root, first - root * 40, ...others].join('.');
  }

  #take(tag: number | null): Buffer {
    const found = this.#byte();
    if (tag !== null && found !== tag) throw new NotDer();
    let length = this.#byte();
    if (length > 0x84 || length === 0x80) throw new NotDer();
    if (length > 0x80) {
      let bytes = length - 0x80;
      for (length = 0; bytes > 0; bytes -= 1) length = length * 256 + this.#byte();
    }
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new NotDer();
    const content = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return content;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new NotDer();
    this.#at += 1;
    return byte;
  }
}
