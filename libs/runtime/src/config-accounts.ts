import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { MemberPath } from './config-document.ts';
import type { ConfigReader } from './config-members.ts';
import { secretFileProblem } from './secret-file.fs.ts';

/** Calls that an account may be asked for in any such time. */
export interface CallWindow {
  readonly calls: number;
  readonly windowMs: number;
}

/** Where the key of an account is: in a file that is read again when it changes, or given once. */
export type KeySource =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'value'; readonly value: string };

/** One CertCentral account, as the settings name it. */
export interface AccountConfiguration {
  /** What keys of ours name it by. */
  readonly name: string;
  /** Ends in `/services/v2`. */
  readonly baseUrl: string;
  /** How messages name what defines it: `certfolio.yaml:4 accounts.eu`, or a variable. */
  readonly setting: string;
  /** Null in a process that holds no upstream keys. */
  readonly key: KeySource | null;
  /** The call budget; null is the client's own, a little under CertCentral's limits. */
  readonly budget: readonly CallWindow[] | null;
  /** IANA zone of times without a zone in its reports; null is the client's default. */
  readonly reportZone: string | null;
}

/** CertCentral's services. Source: https://dev.digicert.com/en/certcentral-apis/services-api.html */
export const usBaseUrl = 'https://www.digicert.com/services/v2';
export const euBaseUrl = 'https://certcentral.digicert.eu/services/v2';

/** What CertCentral allows a key. Source: https://dev.digicert.com/en/certcentral-apis/services-api/rate-limits.html */
const vendorLimits: readonly CallWindow[] = [
  { calls: 100, windowMs: 5_000 },
  { calls: 1_000, windowMs: 180_000 },
];

/** The account of keys that name no other. */
export const defaultAccount = 'default';
const accountName = /^[a-z][a-z0-9-]{0,63}$/;

const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const text = (what: string) => z.string(`must be ${what}`).min(1, `must be ${what}`);
const window = {
  calls: z.int('must be a whole number of calls').min(1, 'must be at least 1'),
  windowMs: z
    .int('must be a number of milliseconds')
    .min(100, 'must be at least 100')
    .max(3_600_000, 'must be at most 3600000'),
};
const members = {
  baseUrl: text('"us", "eu" or an address')
    .transform((url) => (url === 'us' ? usBaseUrl : url === 'eu' ? euBaseUrl : url.replace(/\/+$/, '')))
    .default(usBaseUrl),
  apiKeyFile: text('the name of a file').optional(),
  apiKeyEnv: z
    .string('must be the name of a variable')
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable')
    .optional(),
  budget: z.array(z.unknown(), 'must be a list of windows').optional(),
  reportZone: z.string('must be an IANA time zone').refine(isZone, 'must be an IANA time zone').optional(),
};

export interface AccountSurroundings {
  /** Relative names of files begin here. */
  readonly folder: string;
  readonly variables: ReadonlyMap<string, string>;
  /** False in a process that reads no account, and needs none of the keys. */
  readonly holdsKeys: boolean;
  /** The environment gives a key, which is that of the account `default`. */
  readonly hasDefault: boolean;
}

/** The section `accounts`: a list with names, or a map by name. What is wrong with one account does not hide the others. */
export function readAccounts(
  value: unknown,
  reader: ConfigReader,
  surroundings: AccountSurroundings,
): readonly AccountConfiguration[] {
  const names = new Set<string>(surroundings.hasDefault ? [defaultAccount] : []);
  const accounts = entriesOf(value, reader).flatMap(({ name, members: given, path }) => {
    if (names.has(name)) {
      const isOfEnvironment = name === defaultAccount && surroundings.hasDefault;
      const defined = isOfEnvironment ? 'by CERTCENTRAL_API_KEY or CERTCENTRAL_API_KEY_FILE' : 'above';
      reader.problem(path, `the account "${name}" is defined ${defined}`);
    }
    names.add(name);
    return readAccount(name, given, path, reader, surroundings) ?? [];
  });
  if (names.size > 0 && !names.has(defaultAccount))
    reader.problem(['accounts'], `one must be named "${defaultAccount}": keys that name no account read it`);
  return accounts;
}

interface Entry {
  readonly name: string;
  readonly members: unknown;
  readonly path: MemberPath;
}

function entriesOf(value: unknown, reader: ConfigReader): readonly Entry[] {
  const entries = Array.isArray(value) ? listed(value, reader) : byName(value, reader);
  return entries.filter(({ name, path }) => {
    if (accountName.test(name)) return true;
    reader.problem(path, 'is no name of an account: small letters, digits and "-", a letter first');
    return false;
  });
}

function byName(value: unknown, reader: ConfigReader): readonly Entry[] {
  const members = reader.membersOf(value, ['accounts']) ?? [];
  return members.map(([name, given]) => ({ name, members: given, path: ['accounts', name] }));
}

function listed(list: readonly unknown[], reader: ConfigReader): readonly Entry[] {
  return list.flatMap((item, index): Entry[] => {
    const path = ['accounts', index];
    const given = reader.membersOf(item, path);
    if (given === undefined) return [];
    const name = given.find(([member]) => member === 'name')?.[1];
    if (typeof name !== 'string') {
      reader.problem([...path, 'name'], 'is needed: keys name the account by it');
      return [];
    }
    return [{ name, members: Object.fromEntries(given.filter(([member]) => member !== 'name')), path }];
  });
}

function readAccount(
  name: string,
  value: unknown,
  path: MemberPath,
  reader: ConfigReader,
  { folder, variables, holdsKeys }: AccountSurroundings,
): AccountConfiguration | undefined {
  const { literal, rest } = withoutLiteralKey(value);
  if (literal) {
    const instead = 'name its file with apiKeyFile, or a variable with apiKeyEnv';
    reader.problem([...path, 'apiKey'], `a key does not belong into this file; ${instead}`);
  }
  const account = reader.object(rest, members, path);
  if (account === undefined) return undefined;
  const { apiKeyFile: file, apiKeyEnv: variable } = account;

  let key: KeySource | null = null;
  if (file !== undefined && variable !== undefined) {
    reader.problem([...path, 'apiKeyEnv'], 'set this or apiKeyFile, not both');
  } else if (file !== undefined) {
    key = { kind: 'file', path: isAbsolute(file) ? file : join(folder, file) };
    const problem = holdsKeys ? secretFileProblem(key.path) : null;
    if (problem !== null) reader.problem([...path, 'apiKeyFile'], problem);
  } else if (variable !== undefined) {
    const given = variables.get(variable);
    if (given !== undefined) key = { kind: 'value', value: given };
    else if (holdsKeys) reader.problem([...path, 'apiKeyEnv'], 'names a variable that is not set');
  } else if (!literal) reader.problem(path, 'needs apiKeyFile or apiKeyEnv');

  return {
    name,
    baseUrl: account.baseUrl,
    setting: reader.placeOf(path),
    key: holdsKeys ? key : null,
    budget: account.budget === undefined ? null : readBudget(account.budget, [...path, 'budget'], reader),
    reportZone: account.reportZone ?? null,
  };
}

function withoutLiteralKey(value: unknown): { readonly literal: boolean; readonly rest: unknown } {
  if (typeof value !== 'object' || value === null || !('apiKey' in value)) return { literal: false, rest: value };
  const { apiKey: _secret, ...rest } = value;
  return { literal: true, rest };
}

/** Windows that together let no more calls through than CertCentral does. */
function readBudget(list: readonly unknown[], path: MemberPath, reader: ConfigReader): readonly CallWindow[] {
  const before = reader.problems.length;
  const windows = list.flatMap((item, index) => reader.object(item, window, [...path, index]) ?? []);
  if (reader.problems.length > before) return windows;
  if (windows.length === 0) reader.problem(path, 'must have at least one window');
  else
    for (const limit of vendorLimits) {
      const most = Math.min(...windows.map(({ calls, windowMs }) => calls * Math.ceil(limit.windowMs / windowMs)));
      if (most > limit.calls)
        reader.problem(
          path,
          `would let ${most} calls through in ${limit.windowMs / 1_000} s, where CertCentral allows ${limit.calls}`,
        );
    }
  return windows;
}
