import type { CalendarDate, CustomFieldValue, Decimal, FieldKind, Timestamp } from '@certfolio/core';
import { utcOf } from '../zoned-time.ts';
import { describe, WrongShape } from './wrong-shape.ts';

/**
 * Converters from CertCentral's values to ours. Its types are loose: the same id is a number here and a text there, a flag
 * is true, 1 or "1" (ADR 0004). So every converter takes all spellings of its kind, null for a value that is absent or
 * empty, and throws WrongShape for anything else.
 */
export type Convert<T> = (value: unknown, at: string) => T | null;

export const isAbsent = (value: unknown): value is null | undefined | '' =>
  value === null || value === undefined || value === '';

export function toInteger(value: unknown, at: string): number | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (isAbsent(value)) return null;
  if (typeof value === 'string' && /^\s*-?\d{1,15}\s*$/.test(value)) return Number(value);
  throw new WrongShape(at, `is ${describe(value)}, not a whole number`);
}

/** For references to other records, where 0 says that there is none. */
export function toReference(value: unknown, at: string): number | null {
  return toInteger(value, at) || null;
}

export function toText(value: unknown, at: string): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return String(value);
  throw new WrongShape(at, `is ${describe(value)}, not a text`);
}

export function toUpperText(value: unknown, at: string): string | null {
  return toText(value, at)?.toUpperCase() ?? null;
}

export function toLowerText(value: unknown, at: string): string | null {
  return toText(value, at)?.toLowerCase() ?? null;
}

export function toFlag(value: unknown, at: string): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  if (value === 0 || value === '0' || value === 'false') return false;
  if (isAbsent(value)) return null;
  throw new WrongShape(at, `is ${describe(value)}, not a yes or no`);
}

const dayPattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

export function toDate(value: unknown, at: string): CalendarDate | null {
  if (isAbsent(value) || value === '0000-00-00') return null;
  if (typeof value === 'string' && dayPattern.test(value)) return value as CalendarDate;
  throw new WrongShape(at, `is ${describe(value)}, not a day as yyyy-MM-dd`);
}

const instantPattern =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))[T ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/** @param zone of values that carry none: DigiCert does not document the zone of its reports */
export function toTimestamp(zone: string): Convert<Timestamp> {
  return (value, at) => {
    if (isAbsent(value) || value === '0000-00-00 00:00:00') return null;
    const parts = typeof value === 'string' ? instantPattern.exec(value) : null;
    if (parts === null) throw new WrongShape(at, `is ${describe(value)}, not a date and time`);
    const [, day, hour, minute, second, offset] = parts;
    const local = `${day}T${hour}:${minute}:${second}`;
    if (offset === 'Z' || offset === '+00:00' || (offset === undefined && zone === 'UTC'))
      return `${local}Z` as Timestamp;
    if (offset === undefined) return utcOf(local, zone);
    const colon = offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
    return `${new Date(`${local}${colon}`).toISOString().slice(0, 19)}Z` as Timestamp;
  };
}

export function toDecimal(value: unknown, at: string): Decimal | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e15) return value.toFixed(2) as Decimal;
  const parts = typeof value === 'string' ? /^(-?\d{1,15})(?:\.(\d*))?$/.exec(value) : null;
  if (parts === null) throw new WrongShape(at, `is ${describe(value)}, not an amount`);
  const [, whole, fraction = ''] = parts;
  if (fraction.length > 2) return Number(value).toFixed(2) as Decimal;
  return `${whole}.${fraction.padEnd(2, '0')}` as Decimal;
}

/** A list of texts, as a list or joined by commas; blank entries, which some orders have, are none. */
export function toTexts(value: unknown, at: string): readonly string[] | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' && !Array.isArray(value)) throw new WrongShape(at, `is ${describe(value)}, not a list`);
  const parts: readonly unknown[] = typeof value === 'string' ? value.split(',') : value;
  const texts: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const text = (typeof part === 'string' ? part : toText(part, `${at}[${index}]`))?.trim();
    if (text !== undefined && text !== '') texts.push(text);
  }
  return texts.length === 0 ? null : texts;
}

/**
 * Units may have commas in their names ("R&D, Labs"). The separator of the reports has no space after it, so a comma before a
 * space belongs to a name.
 */
export function toUnits(value: unknown, at: string): readonly string[] | null {
  return toTexts(typeof value === 'string' ? value.split(/,(?! )/) : value, at);
}

/** Users as objects (order info) or as their e-mail addresses joined by commas (reports). */
export function toEmails(value: unknown, at: string): readonly string[] | null {
  if (!Array.isArray(value)) return toTexts(value, at);
  return toTexts(
    value.map((user: unknown, index) => (typeof user === 'object' ? member(user, 'email', `${at}[${index}]`) : user)),
    at,
  );
}

/** Names beside the common name: lists of CertCentral often repeat it. */
export function otherNames(
  names: readonly string[] | null,
  commonName: string | null | undefined,
): readonly string[] | null {
  if (names === null || commonName == null) return names;
  const common = commonName.toLowerCase();
  if (!names.some((name) => name.toLowerCase() === common)) return names;
  const others = names.filter((name) => name.toLowerCase() !== common);
  return others.length === 0 ? null : others;
}

/** Order info's array, or the same as JSON text in reports; text that is no such JSON is one value without id and label. */
export function toCustomFields(value: unknown, at: string): readonly CustomFieldValue[] | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'string') {
    const list = parsedList(value);
    return list === null ? [{ id: null, label: null, value }] : toCustomFields(list, at);
  }
  if (!Array.isArray(value)) throw new WrongShape(at, `is ${describe(value)}, not a list`);
  const fields = value.map((entry: unknown, index): CustomFieldValue => {
    const place = `${at}[${index}]`;
    return {
      id: toInteger(member(entry, 'metadata_id', place), `${place}.metadata_id`),
      label: toText(member(entry, 'label', place), `${place}.label`),
      value: customValue(member(entry, 'value', place), `${place}.value`),
    };
  });
  return fields.length === 0 ? null : fields;
}

function customValue(value: unknown, at: string): string {
  return typeof value === 'boolean' ? String(value) : (toText(value, at) ?? '');
}

function parsedList(text: string): unknown[] | null {
  if (!text.startsWith('[')) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) &&
      parsed.every((entry) => typeof entry === 'object' && entry !== null && 'value' in entry)
      ? parsed
      : null;
  } catch {
    return null;
  }
}

/** A member of an object of the answer; undefined when the key is absent. `name` is ours, never from a user. */
export function member(value: unknown, name: string, at: string): unknown {
  return objectOf(value, at)[name];
}

/** The same for an object that may be absent as a whole. */
export function memberIfAny(value: unknown, name: string, at: string): unknown {
  return objectIfAny(value, at)?.[name];
}

/** An object of the answer. Members of it are read by names that are ours, never a user's. */
export function objectOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WrongShape(at, `is ${describe(value)}, not an object`);
  return value as Readonly<Record<string, unknown>>;
}

/** The same for an object that may be absent as a whole; some of CertCentral's programs write `[]` for an empty one. */
export function objectIfAny(value: unknown, at: string): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  return objectOf(value, at);
}

/** The converter of a kind of field. `reportZone` is used for times without a zone. */
export function converterOf(kind: FieldKind, reportZone: string): Convert<unknown> {
  switch (kind) {
    case 'integer':
      return toInteger;
    case 'text':
      return toText;
    case 'flag':
      return toFlag;
    case 'date':
      return toDate;
    case 'timestamp':
      return toTimestamp(reportZone);
    case 'decimal':
      return toDecimal;
    case 'texts':
      return toTexts;
    case 'customFields':
      return toCustomFields;
    case 'document':
      throw new TypeError('A document stands in no row of a report.');
  }
}
