import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { MemberPath } from './config-document.ts';
import type { ConfigReader } from './config-members.ts';
import { secretFileProblem } from './secret-file.fs.ts';

interface Named {
  readonly name: string;
}

/** Where reports can be sent, as the settings say it. Secrets stand in files, which are read again when they change. */
export type DestinationConfiguration =
  | (Named & { readonly kind: 'folder'; readonly path: string })
  | (Named & {
      readonly kind: 'bucket';
      readonly endpoint: string;
      readonly region: string;
      readonly bucket: string;
      readonly prefix: string;
      readonly accessKeyIdFile: string;
      readonly secretAccessKeyFile: string;
      readonly timeoutMs: number;
    })
  | (Named & {
      readonly kind: 'email';
      readonly host: string;
      readonly port: number;
      readonly tls: boolean;
      readonly allowPlain: boolean;
      readonly user: string | null;
      readonly passwordFile: string | null;
      readonly from: string;
      readonly to: readonly string[];
      readonly domains: readonly string[] | null;
      readonly attachUpToBytes: number;
      readonly timeoutMs: number;
    })
  | (Named & {
      readonly kind: 'webhook';
      readonly url: string;
      readonly secretFile: string;
      readonly timeoutMs: number;
    })
  | (Named & { readonly kind: 'slack' | 'teams'; readonly webhookUrlFile: string; readonly timeoutMs: number });

/** Networks and names that reports may go to although they are not public. */
export interface EgressConfiguration {
  readonly allow: readonly string[];
}

const name = /^[a-z][a-z0-9-]{0,63}$/;
const text = (what: string) => z.string(`must be ${what}`).trim().min(1, `must be ${what}`);
const file = text('the name of a file');
const flag = z.boolean('must be true or false');
const address = text('an e-mail address').regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, 'must be an e-mail address');
const httpUrl = text('an http or https address').refine(
  (url) => /^https?:\/\//.test(url) && URL.canParse(url),
  'must be an http or https address',
);
const timeoutMs = z
  .int('must be a number of milliseconds')
  .min(100, 'must be at least 100')
  .max(600_000, 'must be at most 600000')
  .default(30_000);
const bytes = z
  .int('must be a number of bytes')
  .min(0, 'must be at least 0')
  .max(50_000_000, 'must be at most 50000000');
const list = <T extends z.ZodType>(item: T, what: string) => z.array(item, `must be a list of ${what}`);

/** The members of each kind, beside `kind` itself. */
const kinds = {
  folder: { path: text('the name of a folder') },
  bucket: {
    endpoint: httpUrl,
    region: text('the name of a region').default('us-east-1'),
    bucket: text('the name of a bucket'),
    prefix: z
      .string('must be text')
      .default('')
      .transform((prefix) => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`)),
    accessKeyIdFile: file,
    secretAccessKeyFile: file,
    timeoutMs,
  },
  email: {
    host: text('the name of a mail server'),
    port: z.int('must be a port').min(1, 'must be a port').max(65_535, 'must be a port').default(587),
    tls: flag.default(false),
    allowPlain: flag.default(false),
    user: text('a name').optional(),
    passwordFile: file.optional(),
    from: address,
    to: list(address, 'e-mail addresses').default([]),
    domains: list(text('a domain'), 'domains').optional(),
    attachUpToBytes: bytes.default(5_000_000),
    timeoutMs,
  },
  webhook: { url: httpUrl, secretFile: file, timeoutMs },
  slack: { webhookUrlFile: file, timeoutMs },
  teams: { webhookUrlFile: file, timeoutMs },
} as const;

type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];
const isKind = (value: unknown): value is Kind => kindNames.some((kind) => kind === value);

/** The section `destinations`, a map by name. @param folder relative names of files and folders begin here */
export function readDestinations(
  value: unknown,
  reader: ConfigReader,
  folder: string,
): readonly DestinationConfiguration[] {
  return (reader.membersOf(value, ['destinations']) ?? []).flatMap(([destination, given]) => {
    const path = ['destinations', destination];
    if (!name.test(destination)) {
      reader.problem(path, 'is no name of a destination: small letters, digits and "-", a letter first');
      return [];
    }
    return readDestination(destination, given, path, reader, folder) ?? [];
  });
}

function readDestination(
  destination: string,
  given: unknown,
  path: MemberPath,
  reader: ConfigReader,
  folder: string,
): DestinationConfiguration | undefined {
  const members = reader.membersOf(given, path);
  if (members === undefined) return undefined;
  const kind = members.find(([member]) => member === 'kind')?.[1];
  if (!isKind(kind)) {
    reader.problem([...path, 'kind'], `must be one of ${kindNames.join(', ')}`);
    return undefined;
  }
  const rest = Object.fromEntries(members.filter(([member]) => member !== 'kind'));
  const read: Record<string, unknown> | undefined = reader.object(rest, kinds[kind] as z.ZodRawShape, path);
  if (read === undefined) return undefined;
  const placed = Object.entries(read).map(([member, setting]) => {
    const isPlace = typeof setting === 'string' && (member.endsWith('File') || member === 'path');
    const place = !isPlace || isAbsolute(setting) ? setting : join(folder, setting);
    const problem = isPlace && member !== 'path' ? secretFileProblem(place as string) : null;
    if (problem !== null) reader.problem([...path, member], problem);
    return [member, place] as const;
  });
  const nothing = kind === 'email' ? { user: null, passwordFile: null, domains: null } : {};
  if (kind === 'email' && (read['user'] === undefined) !== (read['passwordFile'] === undefined))
    reader.problem(path, 'needs user and passwordFile together, or neither');
  // The rules above give each kind its members.
  return { name: destination, kind, ...nothing, ...Object.fromEntries(placed) } as DestinationConfiguration;
}

/** The section `egress`. */
export function readEgress(value: unknown, reader: ConfigReader): EgressConfiguration | undefined {
  return reader.object(
    value,
    { allow: list(text('a host name or a network such as 10.1.0.0/16'), 'hosts and networks').default([]) },
    ['egress'],
  );
}
