import type { CertfolioFacts } from './json-answer.ts';

/** What the head of a file tells, which its rows have no place for. */
export function factsOfHeaders(headers: Headers): CertfolioFacts {
  const unavailable = headers.get('certfolio-unavailable-fields');
  return {
    dataAsOf: headers.get('certfolio-data-as-of'),
    source: headers.get('certfolio-source'),
    truncated: headers.get('certfolio-truncated') === 'true',
    totalRows: numberOf(headers.get('certfolio-total-rows')),
    stale: headers.get('certfolio-stale') === 'true',
    unavailableFields: unavailable === null ? [] : unavailable.split(',').map((field) => field.trim()),
    deprecated: headers.get('certfolio-deprecated') === 'true',
  };
}

const numberOf = (text: string | null) => (text === null ? null : Number(text));
