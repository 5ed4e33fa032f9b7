/** An answer as it came, the body also parsed where it is JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: GraphqlBody;
}

export interface GraphqlBody {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly code?: string;
    readonly path?: readonly unknown[];
    readonly extensions?: Record<string, unknown>;
  }[];
  readonly extensions?: Record<string, unknown>;
  /** Of a report. */
  readonly rows?: readonly Record<string, unknown>[];
}

/** One key at the public doors of one product. */
export interface Caller {
  readonly key: string;
  /** `POST /graphql` with a text. `extensions.certfolio` is asked for. */
  graphql(query: string, variables?: Readonly<Record<string, unknown>>): Promise<HttpAnswer>;
  /** `GET /r/{path}`, for example `expiring-soon.csv?days=30`. */
  report(path: string): Promise<HttpAnswer>;
  /** `POST /services/v2/reports/query`: a text as `application/graphql`, an object as JSON. */
  customReports(body: string | object): Promise<HttpAnswer>;
  /** Any other request, with the key. */
  fetch(path: string, init?: RequestInit): Promise<HttpAnswer>;
}

export function createCaller(url: string, key: string): Caller {
  const send = async (path: string, init: RequestInit = {}): Promise<HttpAnswer> => {
    const headers = { Authorization: `Bearer ${key}`, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  };
  const post = (path: string, type: string, body: string, headers: Record<string, string> = {}) =>
    send(path, { method: 'POST', headers: { 'Content-Type': type, ...headers }, body });
  return {
    key,
    graphql: (query, variables) =>
      post(
        '/graphql',
        'application/json',
        JSON.stringify({ query, ...(variables === undefined ? {} : { variables }) }),
        {
          'Certfolio-Extensions': '1',
          Accept: 'application/graphql-response+json',
        },
      ),
    report: (path) => send(`/r/${path}`),
    customReports: (body) =>
      typeof body === 'string'
        ? post('/services/v2/reports/query', 'application/graphql', body)
        : post('/services/v2/reports/query', 'application/json', JSON.stringify(body)),
    fetch: send,
  };
}

function parsed(text: string): GraphqlBody {
  try {
    return JSON.parse(text) as GraphqlBody;
  } catch {
    return {};
  }
}

/** What an answer tells of itself in `extensions.certfolio`. */
export interface ToldFacts {
  readonly upstreamCalls: number;
  readonly unavailableFields: readonly string[];
  readonly truncated: boolean;
  readonly rows: number | null;
  readonly source: string | null;
  readonly dataAsOf: string | null;
  /** Older than asked. */
  readonly stale: boolean;
  readonly plans: readonly string[];
}

export function toldFacts({ json }: HttpAnswer): ToldFacts {
  return json.extensions!['certfolio'] as ToldFacts;
}

/** The data of an answer that has to be whole. @throws Error with the body when it is not */
export function dataOf<T = Record<string, unknown>>({ status, text, json }: HttpAnswer): T {
  if (status !== 200 || json.errors !== undefined || json.data == null)
    throw new Error(`Expected data, got ${status}: ${text.slice(0, 1_000)}`);
  return json.data as T;
}
