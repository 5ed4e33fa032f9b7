import { encoded } from './encoded.ts';
import { checkPage } from './filters.ts';
import type { PageRequest } from '@certfolio/core';

/** One segment of a path. `.` and `..` would be another path, and an empty one the list. @throws TypeError */
export function segment(value: string | number): string {
  const text = String(value);
  if (text === '' || text === '.' || text === '..' || text.length > 200)
    throw new TypeError('An id in a path has 1 to 200 characters.');
  return encoded(text);
}

/** Limit and offset as CertCentral's lists take them. @throws TypeError */
export function pageQuery({ limit, offset }: PageRequest): string {
  checkPage(limit, offset, 1_000);
  return `limit=${limit}&offset=${offset}`;
}
