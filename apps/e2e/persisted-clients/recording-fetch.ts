/** One request as a client sent it. */
export interface SentRequest {
  readonly method: string;
  readonly status: number;
  /** The full text went along. */
  readonly hasText: boolean;
  /** Wherever the client put it. */
  readonly id: string | null;
}

export interface RecordingFetch {
  readonly fetch: typeof fetch;
  readonly sent: readonly SentRequest[];
}

/** `fetch` with a key, that remembers what a client sent. */
export function recordingFetch(key: string): RecordingFetch {
  const sent: SentRequest[] = [];
  return {
    sent,
    async fetch(input, init = {}) {
      const url = new URL(typeof input === 'object' && 'url' in input ? input.url : input);
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${key}`);
      const response = await fetch(url, { ...init, headers });
      const members: Record<string, unknown> =
        typeof init.body === 'string' ? JSON.parse(init.body) : membersOf(url.searchParams);
      const extensions = members['extensions'] as { persistedQuery?: { sha256Hash?: string } } | undefined;
      sent.push({
        method: init.method ?? 'GET',
        status: response.status,
        hasText: typeof members['query'] === 'string' && members['query'] !== '',
        id:
          extensions?.persistedQuery?.sha256Hash ??
          (members['documentId'] as string | undefined) ??
          (members['doc_id'] as string | undefined) ??
          pathId(url),
      });
      return response;
    },
  };
}

const pathId = ({ pathname }: URL) => /^\/graphql\/(?:persisted\/)?([^/]+)/.exec(pathname)?.[1] ?? null;

function membersOf(search: URLSearchParams): Record<string, unknown> {
  const extensions = search.get('extensions');
  return { ...Object.fromEntries(search), ...(extensions === null ? {} : { extensions: JSON.parse(extensions) }) };
}
