import type { Conversion } from './legacy-route.ts';

export interface Converted {
  /** Null: nothing can be given for it. */
  readonly value: string | null;
  readonly note: string | null;
}

const minutesOfDay = 24 * 60;
const secondsOfDay = minutesOfDay * 60;
const exactly = (value: string): Converted => ({ value, note: null });

/** Makes the value of a template's variable from that of a parameter; undefined is a value that nobody knows. */
export function convert(conversion: Conversion, value: string | undefined, name: string): Converted {
  switch (conversion) {
    case 'same':
      return exactly(value ?? placeholder(name));
    case 'status':
      return status(value);
    case 'daysAhead':
      return daysAhead(value);
    case 'like':
      return exactly(value === undefined ? placeholder(name) : value.startsWith('%') ? `%${value.slice(1)}%` : value);
    case 'contains':
      return exactly(value === undefined ? placeholder(name) : value.replace(/^%/, ''));
    case 'minutes':
      return daysBack(value, minutesOfDay);
    case 'seconds':
      return daysBack(value, secondsOfDay);
    case 'notRenewed':
      return value === '0'
        ? exactly('true')
        : { value: null, note: 'only is_renewed=0 is a variable; in a query of your own: isRenewed.' };
    case 'dateFrom':
      return exactly(/^\d{4}-\d\d-\d\d/.exec(value ?? '')?.[0] ?? 'today-7d');
  }
}

/** `filters[common_name]` as `<common_name>`. */
const placeholder = (name: string) => `<${name.replace(/^filters\[(.*)\]$/, '$1')}>`;

function status(value: string | undefined): Converted {
  if (value === undefined) return exactly('<status>');
  const asked = value.toLowerCase();
  return asked === 'issued'
    ? { value: 'issued,expired', note: 'CertCentral counts expired orders as issued; statuses=issued leaves them out.' }
    : exactly(asked);
}

/** The scan writes `today+30d` for what it can tell of a date that is computed. */
function daysAhead(value: string | undefined): Converted {
  const days = [...(value ?? '').matchAll(/today\+(\d+)d/g)].at(-1)?.[1];
  return days === undefined
    ? { value: '30', note: 'days=30 is a guess: put in how far ahead the script looks.' }
    : exactly(days);
}

function daysBack(value: string | undefined, perDay: number): Converted {
  const asked = Number(value);
  return value === undefined || !Number.isFinite(asked)
    ? { value: 'today-1d', note: 'since=today-1d is a guess: put in how far back the script looks.' }
    : exactly(`today-${Math.max(1, Math.ceil(asked / perDay))}d`);
}
