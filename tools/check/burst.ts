/**
 * Sends different queries all at once to a gateway that runs, and prints how long they took. Every query has a text of its own,
 * so that none is parsed or planned already; half ask for an order by id, half through a filter.
 *
 *     CERTFOLIO_KEY=<admin key> node tools/check/burst.ts --url http://127.0.0.1:4000 --queries 500 --rounds 3
 *
 * Wait until `/readyz` says that the mirror is filled; then no query costs a call.
 */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:4000' },
    queries: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
  },
});
const queries = Number(values.queries);
const adminKey = process.env['CERTFOLIO_KEY'];
if (adminKey === undefined) throw new Error('CERTFOLIO_KEY has to hold an admin key.');

interface Body {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string }[];
}

async function ask(query: string, key: string): Promise<Body> {
  const response = await fetch(`${values.url}/graphql`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Body;
}

const limits = `{ requestsPerMinute: 10000, burst: 10000, concurrent: ${queries + 10} }`;
const made = await ask(
  `mutation { createKey(input: { name: "burst-${Date.now()}", level: OPEN, limits: ${limits} }) { secret } }`,
  adminKey,
);
if (made.errors !== undefined) throw new Error(made.errors[0]!.message);
const { secret } = made.data!['createKey'] as { secret: string };
const listed = await ask(`{ orders(first: ${Math.min(queries, 1_000)}) { nodes { id } } }`, secret);
const ids = (listed.data!['orders'] as { nodes: { id: string }[] }).nodes.map(({ id }) => id);

for (let round = 1; round <= Number(values.rounds); round += 1) {
  const tookMs: number[] = [];
  let failures = 0;
  await Promise.all(
    Array.from({ length: queries }, async (_, at) => {
      const id = ids[at % ids.length]!;
      const fields = `{ id status certificate { commonName } }`;
      const query =
        at % 2 === 0
          ? `order(id: ${id}) ${fields}`
          : `orders(first: 1, filter: { id: { in: [${id}] } }) { nodes ${fields} }`;
      const startedMs = performance.now();
      const { errors } = await ask(`{ ${query} r${round}q${at}: __typename }`, secret);
      tookMs.push(performance.now() - startedMs);
      if (errors !== undefined) failures += 1;
    }),
  );
  tookMs.sort((a, b) => a - b);
  const part = (share: number) => Math.round(tookMs[Math.min(queries - 1, Math.floor(queries * share))]!);
  process.stdout.write(
    `round ${round}: ${queries} queries, ${failures} failed, p50 ${part(0.5)} ms, p95 ${part(0.95)} ms\n`,
  );
}
