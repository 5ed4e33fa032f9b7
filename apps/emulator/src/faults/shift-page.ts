import { type Answer } from '../http/answer.ts';
import { type Query } from '../http/query.ts';

/**
 * A page that moved between two reads, as when a row before it was deleted: its rows start one later than asked,
 * so one row is never seen, and the total is one smaller. A first page cannot move.
 */
export function shiftQuery(query: Query): Query {
  const offset = Number(query.value('offset') ?? 0);
  if (!(offset > 0)) return query;
  return { ...query, value: (name) => (name === 'offset' ? String(offset + 1) : query.value(name)) };
}

interface Page {
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'total' in value && 'offset' in value;
}

/** The answer to a shifted query, with the offset that was asked. */
export function hideShift(answer: Answer, asked: Query): Answer {
  const offset = Number(asked.value('offset') ?? 0);
  if (answer.kind !== 'json' || !(offset > 0)) return answer;
  const { value } = answer;
  if (typeof value !== 'object' || value === null || !('page' in value) || !isPage(value.page)) return answer;
  return { ...answer, value: { ...value, page: { ...value.page, total: value.page.total - 1, offset } } };
}
