/** The few DER forms that certificates and requests need (ITU-T X.690). */

const tags = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, printable: 0x13 };

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const hex = bytes.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
}

export function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const total = contents.reduce((sum, content) => sum + content.length, 0);
  return Buffer.concat([Buffer.from([tag]), length(total), ...contents]);
}

export const sequence = (...contents: readonly Uint8Array[]) => tagged(0x30, ...contents);
export const set = (...contents: readonly Uint8Array[]) => tagged(0x31, ...contents);
/** A constructed, context-specific tag: `[number] EXPLICIT`, or IMPLICIT over a SEQUENCE or SET. */
export const context = (number: number, ...contents: readonly Uint8Array[]) => tagged(0xa0 | number, ...contents);
/** A primitive, context-specific tag: `[number] IMPLICIT` over a string. */
export const contextString = (number: number, content: Uint8Array) => tagged(0x80 | number, content);

export const boolean = (value: boolean) => tagged(tags.boolean, Buffer.from([value ? 0xff : 0]));
export const nullValue = Buffer.from([0x05, 0x00]);
export const octets = (content: Uint8Array) => tagged(tags.octets, content);
export const utf8 = (text: string) => tagged(tags.utf8, Buffer.from(text, 'utf8'));
export const printable = (text: string) => tagged(tags.printable, Buffer.from(text, 'ascii'));

/** A positive INTEGER from big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const looksNegative = ((digits[0] ?? 0) & 0x80) !== 0;
  return looksNegative ? tagged(tags.integer, Buffer.from([0]), digits) : tagged(tags.integer, digits);
}

export function bits(content: Uint8Array, unusedBits = 0): Buffer {
  return tagged(tags.bits, Buffer.from([unusedBits]), content);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(tags.oid, Buffer.from(bytes));
}

/** RFC 5280, 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050 on. */
export function time(instantMs: number): Buffer {
  const iso = new Date(instantMs).toISOString();
  const digits = `${iso.slice(0, 19).replace(/\D/g, '')}Z`;
  const isGeneralized = Number(digits.slice(0, 4)) >= 2050;
  return isGeneralized ? tagged(0x18, Buffer.from(digits)) : tagged(0x17, Buffer.from(digits.slice(2)));
}
