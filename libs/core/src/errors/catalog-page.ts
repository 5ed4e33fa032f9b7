import { errorCatalog } from './catalog.ts';

const faults = { caller: 'caller', certcentral: 'CertCentral', ours: 'ours' } as const;

/** The catalog as the page `docs/errors.md`. */
export function catalogPage(): string {
  const rows = Object.entries(errorCatalog).map(([code, { status, okAsJson, fault, retry, meaning, whatToDo }]) =>
    [
      `\`${code}\``,
      okAsJson ? `${status} *` : String(status),
      faults[fault],
      retry ? 'yes' : 'no',
      meaning,
      whatToDo,
    ].join(' | '),
  );
  return `<!-- Written by \`npm run docs\` from libs/core/src/errors/catalog.ts; do not edit. -->

# Errors

Every refusal and every error of an answer has one of these codes, in \`errors[].extensions.code\`. What waiting can mend
carries \`Retry-After\`. "Again" says whether the same request can succeed later without a change.

\\* with \`application/graphql-response+json\`; 200 when the client asked for \`application/json\`, \`*/*\` or nothing, as
GraphQL over HTTP wants it. The others keep their status under both media types. An answer with some data and some errors
is a 200.

| Code | Status | Whose fault | Again | Meaning | What to do |
| --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}

Under \`/services/v2/*\` a refusal before execution has CertCentral's own form, \`{"errors":[{"code","message"}]}\`: a bad or
missing key is 403 \`access_denied|access_denied_invalid_key\`, a missing right 403 \`access_denied|missing_permission\`, an
own limit 429 \`request_limit_exceeded\`, a route that is gone 410 \`gone\`.

The command line maps codes to exit codes: 0 ok, 1 failed, 2 usage, 3 key refused, 4 limited, 5 CertCentral failed or out of
budget, 10 rows found with \`--fail-on-rows\`.
`;
}
