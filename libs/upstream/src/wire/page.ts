import type { Page } from '@certfolio/core';
import { z } from 'zod';
import { describe, within, WrongShape } from './wrong-shape.ts';
import { member, toInteger } from './values.ts';

const envelope = z.looseObject({ page: z.looseObject({ total: z.union([z.number(), z.string()]) }).optional() });

/**
 * A page of one of CertCentral's lists, `{"<key>": [...], "page": {"total": n}}`. An empty page may come as `{}` or without
 * its list, since what CertCentral sends for it is not documented; a list that is missing while rows are announced is wrong.
 *
 * @param offset as it was asked for
 * @throws WrongShape
 */
export function parsePage<T>(body: unknown, key: string, offset: number, parseItem: (item: unknown) => T): Page<T> {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new WrongShape(at, at === '' ? `is ${describe(body)}, not an object` : 'is not a page');
  }
  const total = parsed.data.page === undefined ? null : toInteger(parsed.data.page.total, 'page.total');
  if (total !== null && total < 0) throw new WrongShape('page.total', 'is negative');
  const items = listIn(parsed.data, key, parseItem);
  if (items === null) {
    if (total !== null && total > offset) throw new WrongShape(key, `is missing, although page.total is ${total}`);
    if (total === null && Object.keys(parsed.data).length > 0) throw new WrongShape(key, 'is missing');
    return { items: [], total: total ?? 0 };
  }
  if (total === null && items.length > 0) throw new WrongShape('page.total', 'is missing');
  return { items, total: total ?? 0 };
}

/** A list without a page, such as containers; `{}` is an empty one. @throws WrongShape */
export function parseList<T>(body: unknown, key: string, parseItem: (item: unknown) => T): readonly T[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new WrongShape('', `is ${describe(body)}, not an object`);
  const items = listIn(body as Record<string, unknown>, key, parseItem);
  if (items === null && Object.keys(body).length > 0) throw new WrongShape(key, 'is missing');
  return items ?? [];
}

function listIn<T>(body: Readonly<Record<string, unknown>>, key: string, parseItem: (item: unknown) => T): T[] | null {
  const list = body[key];
  return list === undefined || list === null ? null : parseEach(list, key, parseItem);
}

/** A list that may be absent inside an object that may not. @throws WrongShape */
export function listOf<T>(item: unknown, key: string, parseItem: (entry: unknown) => T): readonly T[] {
  const list = member(item, key, '');
  return list === undefined || list === null ? [] : parseEach(list, key, parseItem);
}

function parseEach<T>(list: unknown, key: string, parseItem: (item: unknown) => T): T[] {
  if (!Array.isArray(list)) throw new WrongShape(key, `is ${describe(list)}, not a list`);
  return list.map((item: unknown, index) => within(`${key}[${index}]`, () => parseItem(item)));
}
