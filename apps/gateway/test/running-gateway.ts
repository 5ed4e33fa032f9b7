import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@certfolio/database/testing';
import { startCertfolio, type CertfolioProcess } from '@certfolio/testing';

export interface KeyWish {
  readonly level?: 'OPEN' | 'AUDIT' | 'LISTED' | 'ID_ONLY';
  readonly templates?: { readonly names?: readonly string[]; readonly tags?: readonly string[] };
  readonly scopes?: readonly string[];
  readonly containers?: readonly number[];
  readonly fields?: readonly string[];
  readonly limits?: Readonly<Record<string, number | string>>;
  readonly expiresAt?: string;
  readonly inUrl?: boolean;
  readonly variables?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export interface MadeKey {
  readonly id: string;
  readonly secret: string;
}

/** An answer, read to its end. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the body is not JSON. */
  readonly json: GraphqlBody | undefined;
}

export interface GraphqlBody {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
  readonly [member: string]: any;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

export interface Ask {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  /** Sent as JSON unless it is a text. */
  readonly body?: unknown;
}

/** The product as a process with a database of its own, and the emulator behind it. */
export interface RunningGateway {
  readonly url: string;
  readonly adminKey: string;
  readonly databaseUrl: string;
  readonly process: CertfolioProcess;
  ask(path: string, options?: Ask): Promise<Got>;
  /** POST /graphql with a JSON body. */
  post(body: unknown, options?: Ask): Promise<Got>;
  makeKey(wish?: KeyWish): Promise<MadeKey>;
  close(): Promise<void>;
}

export const graphqlType = 'application/graphql-response+json';

let keyNumber = 0;

export async function startRunningGateway(env: Readonly<Record<string, string>> = {}): Promise<RunningGateway> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'certfolio-gateway-test-'));
  const adminKey = randomBytes(24).toString('hex');
  const process = await startCertfolio({
    env: {
      NODE_ENV: 'production',
      CERTFOLIO_DATABASE_URL: database.url,
      CERTFOLIO_DATA_DIR: dataDir,
      CERTFOLIO_ADMIN_KEY: adminKey,
      EMULATOR_ORDERS: '300',
      ...env,
    },
  });

  const ask = async (path: string, { key = adminKey, headers = {}, method = 'GET', body }: Ask = {}): Promise<Got> => {
    const response = await fetch(`${process.url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parseJson(text) };
  };
  const post = (body: unknown, options: Ask = {}) => ask('/graphql', { method: 'POST', body, ...options });
  return {
    url: process.url,
    adminKey,
    databaseUrl: database.url,
    process,
    ask,
    post,
    async makeKey(wish = {}) {
      const query = 'mutation Make($input: CreateKeyInput!) { createKey(input: $input) { secret key { id } } }';
      const { json } = await post({
        query,
        variables: { input: { name: `key-${++keyNumber}`, owner: 'tests', ...wish } },
      });
      if (json?.data == null) throw new Error(`No key was made: ${JSON.stringify(json)}`);
      return { id: json.data.createKey.key.id, secret: json.data.createKey.secret };
    },
    async close() {
      await process.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The text of a template's file and what `sha256sum` prints for it. */
export async function templateFile(
  name: string,
  folder = join(import.meta.dirname, '../../../templates'),
): Promise<{ readonly text: string; readonly id: string }> {
  const text = await readFile(join(folder, `${name}.graphql`), 'utf8');
  return { text, id: sha256(text) };
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const codesOf = ({ json }: Got) => json?.errors?.map(({ extensions }) => extensions?.['code']);

function parseJson(text: string): GraphqlBody | undefined {
  try {
    return JSON.parse(text) as GraphqlBody;
  } catch {
    return undefined;
  }
}
