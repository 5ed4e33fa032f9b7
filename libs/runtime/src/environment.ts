import { z } from 'zod';
import { logLevels } from './logger.ts';
import { isReadableFile } from './readable-file.fs.ts';
import { secretFileProblem } from './secret-file.fs.ts';
import { SettingsError, type SettingProblem } from './settings.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const port = z.coerce
  .number('must be a port, 0 to 65535')
  .int('must be a whole number')
  .min(0)
  .max(65_535, 'must be a port, 0 to 65535');
const text = z.string().min(1);
const onOff = z.enum(['on', 'off'], 'must be "on" or "off"').transform((value) => value === 'on');
const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off'], 'must be true or false')
  .transform((value) => ['true', '1', 'on'].includes(value));
const milliseconds = z.coerce
  .number('must be a number of milliseconds')
  .int()
  .min(100, 'must be at least 100')
  .max(3_600_000, 'must be at most 3600000');
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const names = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  .refine(
    (list) => list.every((name) => /^[a-z][a-z0-9-]*$/.test(name)),
    'must be names joined by commas, for example "orders,organizations"',
  );

/** `orders=http://a/orders,orders=http://b/orders,teams=http://c`: replicas repeat the name, or follow with "|". */
const subgraphUrls = z.string().transform((value, context) => {
  const urls = new Map<string, string[]>();
  const parts = value.split(',').map((entry) => entry.trim());
  for (const [index, part] of parts.entries()) {
    if (part === '') continue;
    const [name = '', addresses = ''] = part.split(/=(.*)/s);
    const list = addresses.split('|').map((address) => address.trim());
    if (!/^[a-z][a-z0-9-]*$/.test(name) || list.some((address) => !URL.canParse(address))) {
      context.addIssue({ code: 'custom', message: `entry ${index + 1} is not name=url` });
      continue;
    }
    urls.set(name, [...(urls.get(name) ?? []), ...list]);
  }
  return [...urls].map(([name, addresses]) => ({ name, urls: addresses }));
});

/** As OpenTelemetry names them. Source: its specification, "General SDK configuration" (read 2026-11). */
const traceSamplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** One rule per variable, so that each can be right or wrong by itself. */
const rules = {
  PORT: port.optional(),
  HOST: text.default('127.0.0.1'),
  CERTFOLIO_TLS_CERT: text.optional(),
  CERTFOLIO_TLS_KEY: text.optional(),
  CERTFOLIO_TRUST_PROXY: flag.default(false),
  CERTFOLIO_DATA_DIR: text.default('.certfolio'),
  CERTFOLIO_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  CERTFOLIO_REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional(),
  CERTFOLIO_ADMIN_KEY: z.string().min(32, 'must have 32 or more characters').optional(),
  CERTFOLIO_TEMPLATES_DIR: text.default('templates'),
  CERTFOLIO_PUBLIC_URL: httpUrl.optional(),
  CERTFOLIO_SUBGRAPHS: names.optional(),
  CERTFOLIO_SUBGRAPH_URLS: subgraphUrls.default([]),
  CERTFOLIO_INTERNAL_SECRET: z.string().min(32, 'must have 32 or more characters').optional(),
  CERTFOLIO_REQUEST_TIMEOUT_MS: milliseconds.default(30_000),
  CERTFOLIO_PASSTHROUGH: onOff.default(false),
  CERTFOLIO_CONFIG: text.optional(),
  CERTFOLIO_MIRROR: onOff.optional(),
  CERTCENTRAL_API_KEY: text.optional(),
  CERTCENTRAL_API_KEY_FILE: text.optional(),
  CERTCENTRAL_BASE_URL: httpUrl.optional(),
  HTTPS_PROXY: text.optional(),
  HTTP_PROXY: text.optional(),
  NO_PROXY: text.optional(),
  NODE_EXTRA_CA_CERTS: text.optional(),
  EMULATOR_PORT: port.default(4010),
  EMULATOR_ORDERS: z.coerce.number('must be a number').int().min(0).max(1_000_000).default(2_000),
  EMULATOR_SEED: z.coerce.number('must be a number').int().min(0).default(1),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  // OpenTelemetry reads these and more by itself, and passes over what is wrong.
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal('http/protobuf', 'must be http/protobuf; traces are sent in no other form')
    .optional(),
  OTEL_TRACES_SAMPLER: z.enum(traceSamplers, `must be one of ${traceSamplers.join(', ')}`).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('must be a number from 0 to 1')
    .min(0, 'must be from 0 to 1')
    .max(1, 'must be from 0 to 1')
    .optional(),
};

/** Every variable of every process, parsed; defaults filled in. */
export type Environment = z.output<z.ZodObject<typeof rules>>;

/** What the parsed variables may lack: those that are wrong by themselves. */
export interface ParsedVariables {
  readonly parsed: Partial<Environment>;
  /** All that are not empty, whether they are ours or not. */
  readonly given: ReadonlyMap<string, string>;
  readonly problems: readonly SettingProblem[];
}

/** Looks at variables together. What is wrong by itself is absent here, and `isGiven` still knows it was there. */
export type EnvironmentCheck = (
  parsed: Partial<Environment>,
  isGiven: (name: keyof Environment) => boolean,
) => readonly SettingProblem[];

/** Files that must be there to be read when the process starts. */
const fileVariables = ['CERTFOLIO_TLS_CERT', 'CERTFOLIO_TLS_KEY', 'NODE_EXTRA_CA_CERTS'] as const;

/** What every process asks of its variables together. */
export const checkTogether: EnvironmentCheck = (parsed, isGiven) => {
  const problems: SettingProblem[] = [];
  const problem = (name: string, what: string) => problems.push({ name, problem: what });
  const hasKey = isGiven('CERTCENTRAL_API_KEY') || isGiven('CERTCENTRAL_API_KEY_FILE');
  if (isGiven('CERTFOLIO_TLS_CERT') !== isGiven('CERTFOLIO_TLS_KEY'))
    problem('CERTFOLIO_TLS_CERT', 'CERTFOLIO_TLS_CERT and CERTFOLIO_TLS_KEY go together');
  if (isGiven('CERTCENTRAL_API_KEY') && isGiven('CERTCENTRAL_API_KEY_FILE'))
    problem('CERTCENTRAL_API_KEY', 'set this or CERTCENTRAL_API_KEY_FILE, not both');
  if (isGiven('CERTCENTRAL_BASE_URL') && !hasKey)
    problem('CERTCENTRAL_BASE_URL', 'needs CERTCENTRAL_API_KEY or CERTCENTRAL_API_KEY_FILE');
  const hasAddresses = isGiven('CERTFOLIO_SUBGRAPH_URLS') || (parsed.CERTFOLIO_SUBGRAPH_URLS ?? []).length > 0;
  if (hasAddresses && !isGiven('CERTFOLIO_INTERNAL_SECRET'))
    problem('CERTFOLIO_INTERNAL_SECRET', 'is needed when a subgraph is served elsewhere');
  for (const name of fileVariables) {
    const path = parsed[name];
    if (path !== undefined && !isReadableFile(path)) problem(name, 'names a file that cannot be read');
  }
  const keyFile = parsed.CERTCENTRAL_API_KEY_FILE;
  const keyFileProblem = keyFile === undefined ? null : secretFileProblem(keyFile);
  if (keyFileProblem !== null) problem('CERTCENTRAL_API_KEY_FILE', keyFileProblem);
  return problems;
};

/** Parses each variable by itself. */
export function parseVariables(variables: Variables): ParsedVariables {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(variables))
    if (value !== undefined && value !== '') given.set(name, value);
  // Proxy variables are known in lower case too, which then wins, as with curl.
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']) {
    const lower = variables[name.toLowerCase()];
    if (lower === '') given.delete(name);
    else if (lower !== undefined) given.set(name, lower);
  }
  const problems: SettingProblem[] = [];
  const parsed: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const result = rule.safeParse(given.get(name));
    if (result.success) parsed[name] = result.data;
    else problems.push(...result.error.issues.map(({ message }) => ({ name, problem: message })));
  }
  return { parsed, given, problems };
}

/**
 * The variables alone, for a process that reads no configuration file.
 *
 * @param check what this process asks beyond what every process asks
 * @throws SettingsError listing everything that is wrong; values are never repeated, since some are secrets
 */
export function parseEnvironment(variables: Variables, check: EnvironmentCheck = () => []): Environment {
  const { parsed, given, problems } = parseVariables(variables);
  const isGiven = (name: string) => given.has(name);
  const all = [...problems, ...checkTogether(parsed, isGiven), ...check(parsed, isGiven)];
  if (all.length > 0) throw new SettingsError(all);
  return parsed as Environment;
}
