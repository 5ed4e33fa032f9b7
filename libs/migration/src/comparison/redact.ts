import { createHmac } from 'node:crypto';

/** Makes values of samples showable: equal values of one process stay equal, and nobody can try out what they were. */
export interface Redaction {
  /** JSON, cut; null for a value that is not there. @param field whose names say whether the value is sensitive */
  value(field: string, value: unknown): string | null;
  /** A call's method, path and query, the values of sensitive filters hashed. */
  call(method: string, path: string, search: string): string;
}

const maxChars = 300;
const sensitiveWords = new Set(
  (
    'csr cost costs price prices amount balance email emails mail phone telephone fax address address2 zip ' +
    'firstname lastname username user contact contacts name_first custom password secret token pem private comment note ' +
    'notes comments'
  ).split(' '),
);
/** Names of people, and whatever customers put into fields of their own. */
const sensitiveNames =
  /first_?name|last_?name|user_?name|custom_?field|purchase_?order|job_?title|api_?key|dcv_?token/i;

const isSensitiveName = (name: string): boolean =>
  sensitiveNames.test(name) ||
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .some((word) => sensitiveWords.has(word));

const looksSensitive = (text: string): boolean => /[^\s@]@[^\s@]+\.[^\s@]/.test(text) || text.includes('-----BEGIN');

/** @param secret random, and never kept: hashes can then be compared within one process and tried out by nobody */
export function createRedaction(secret: Buffer): Redaction {
  const hash = (text: string) => `#${createHmac('sha256', secret).update(text).digest('hex').slice(0, 8)}`;

  /** Below a sensitive name everything is. */
  const shown = (value: unknown, isHidden: boolean): unknown => {
    if (value === null || value === undefined) return value;
    if (Array.isArray(value)) return value.slice(0, 20).map((item) => shown(item, isHidden));
    if (typeof value === 'object')
      return Object.fromEntries(
        Object.entries(value)
          .slice(0, 50)
          .map(([name, member]) => [name, shown(member, isHidden || isSensitiveName(name))]),
      );
    if (isHidden) return hash(String(value));
    return typeof value === 'string' && looksSensitive(value) ? hash(value) : value;
  };

  return {
    value(field, value) {
      if (value === undefined) return null;
      const text = JSON.stringify(shown(value, field.split(/[.[\]]+/).some(isSensitiveName)));
      return cut(text).toWellFormed().replaceAll('\\u0000', '\ufffd');
    },
    call(method, path, search) {
      const query = [...new URLSearchParams(search)].map(([name, value]) => {
        const isHidden = isSensitiveName(name) || looksSensitive(value);
        return `${name}=${isHidden ? hash(value) : value}`;
      });
      const safePath = path
        .split('/')
        .map((part) => (looksSensitive(decoded(part)) ? hash(part) : part))
        .join('/');
      return cut(`${method} ${safePath}${query.length === 0 ? '' : `?${query.join('&')}`}`)
        .toWellFormed()
        .replaceAll('\u0000', '\ufffd');
    },
  };
}

const cut = (text: string) => (text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
