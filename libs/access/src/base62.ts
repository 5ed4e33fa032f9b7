/** A source of random bytes fit for secrets; `crypto.randomBytes` is one. */
export type RandomBytes = (count: number) => Uint8Array;

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random letters and digits, 5.95 bits each. Bytes from 248 up are thrown away, else the first eight digits came more often. */
export function randomBase62(length: number, randomBytes: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) if (byte < 248) text += digits[byte % 62];
  }
  return text;
}

/** A whole number from 0 in base 62, padded with zeros on the left. */
export function toBase62(value: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = digits[rest % 62]! + text;
  return text.padStart(length, '0');
}
