import { dirname } from 'node:path';
import {
  defaultAccount,
  readAccounts,
  usBaseUrl,
  type AccountConfiguration,
  type AccountSurroundings,
} from './config-accounts.ts';
import { readConfigDocument } from './config-document.ts';
import {
  readDestinations,
  readEgress,
  type DestinationConfiguration,
  type EgressConfiguration,
} from './config-destinations.ts';
import { readConfigFile } from './config-file.fs.ts';
import {
  defaultPassThrough,
  readPassThrough,
  readTiers,
  type PassThroughConfiguration,
  type Tiers,
} from './config-keys.ts';
import { defaultLimits, readLimits, type LimitsConfiguration } from './config-limits.ts';
import { defaultReports, readReports, type ReportsConfiguration } from './config-reports.ts';
import { ConfigReader } from './config-members.ts';
import { defaultAudit, readAudit, type AuditConfiguration } from './config-audit.ts';
import { defaultMetrics, readMetrics, type MetricsConfiguration } from './config-metrics.ts';
import { defaultMirror, readMirror, type MirrorConfiguration } from './config-mirror.ts';
import { defaultTemplates, readTemplates, type TemplatesConfiguration } from './config-templates.ts';
import { defaultRest, readRest, type RestConfiguration } from './config-rest.ts';
import { checkMessages, defaultMigration, readMigration, type MigrationConfiguration } from './config-migration.ts';
import { readSubgraphs, type SubgraphAddresses } from './config-subgraphs.ts';
import { checkTogether, parseVariables, type Environment, type Variables } from './environment.ts';
import { SettingsError, type SettingProblem } from './settings.ts';

/**
 * All settings of a process: every variable, and what the configuration file adds. `CERTFOLIO_SUBGRAPH_URLS` holds the
 * addresses of the file too.
 */
export interface Configuration extends Environment {
  /** CertCentral accounts by name; the account of the environment is `default`. Empty when none is configured. */
  readonly accounts: readonly AccountConfiguration[];
  readonly mirror: MirrorConfiguration;
  readonly destinations: readonly DestinationConfiguration[];
  readonly egress: EgressConfiguration;
  readonly templates: TemplatesConfiguration;
  /** Of keys that are passed through, where that is on. */
  readonly passThrough: PassThroughConfiguration;
  /** Named limits of keys. */
  readonly tiers: Tiers;
  readonly limits: LimitsConfiguration;
  readonly audit: AuditConfiguration;
  readonly reports: ReportsConfiguration;
  readonly rest: RestConfiguration;
  readonly migration: MigrationConfiguration;
  readonly metrics: MetricsConfiguration;
}

/** Looks at settings together. What is wrong by itself is absent here, and `isGiven` still knows that a variable was there. */
export type ConfigurationCheck = (
  parsed: Partial<Configuration>,
  isGiven: (name: keyof Environment) => boolean,
) => readonly SettingProblem[];

export interface ConfigurationOptions {
  /** What this process asks beyond what every process asks. */
  readonly check?: ConfigurationCheck;
  /** False in a process that reads no account: of the accounts it needs the names only. Default true. */
  readonly holdsKeys?: boolean;
}

/**
 * Reads the variables and the configuration file that they name, `certfolio.yaml` of the working directory if none is.
 *
 * @throws SettingsError listing everything that is wrong in both; values are never repeated, since some are secrets
 */
export function parseConfiguration(
  variables: Variables,
  { check = () => [], holdsKeys = true }: ConfigurationOptions = {},
): Configuration {
  const { parsed: environment, given, problems } = parseVariables(variables);
  const file = readSections(environment.CERTFOLIO_CONFIG, {
    variables: given,
    holdsKeys,
    hasDefault: hasKey(given),
  });
  const isGiven = (name: string) => given.has(name);

  const parsed: Partial<Configuration> = {
    ...environment,
    ...(environment.CERTFOLIO_SUBGRAPH_URLS === undefined
      ? {}
      : { CERTFOLIO_SUBGRAPH_URLS: mergedByName(environment.CERTFOLIO_SUBGRAPH_URLS, file.subgraphs) }),
    ...(file.accounts === undefined ? {} : { accounts: accountsOf(environment, file.accounts, holdsKeys) }),
    mirror: { ...file.mirror, enabled: environment.CERTFOLIO_MIRROR ?? file.mirror.enabled },
    destinations: file.destinations,
    egress: file.egress,
    templates: file.templates,
    passThrough: file.passThrough,
    tiers: file.tiers,
    limits: file.limits,
    audit: file.audit,
    reports: file.reports,
    rest: file.rest,
    migration: file.migration,
    metrics: file.metrics,
  };
  const all = [...problems, ...file.problems, ...checkTogether(parsed, isGiven), ...check(parsed, isGiven)];
  if (all.length > 0) throw new SettingsError(all);
  return parsed as Configuration;
}

interface Sections {
  /** Undefined when there may be some that could not be read. */
  readonly accounts: readonly AccountConfiguration[] | undefined;
  readonly subgraphs: readonly SubgraphAddresses[];
  readonly mirror: MirrorConfiguration;
  readonly destinations: readonly DestinationConfiguration[];
  readonly egress: EgressConfiguration;
  readonly templates: TemplatesConfiguration;
  readonly passThrough: PassThroughConfiguration;
  readonly tiers: Tiers;
  readonly limits: LimitsConfiguration;
  readonly audit: AuditConfiguration;
  readonly reports: ReportsConfiguration;
  readonly rest: RestConfiguration;
  readonly migration: MigrationConfiguration;
  readonly metrics: MetricsConfiguration;
  readonly problems: readonly SettingProblem[];
}

const sectionNames = [
  'accounts',
  'subgraphs',
  'mirror',
  'destinations',
  'egress',
  'templates',
  'passthrough',
  'tiers',
  'limits',
  'audit',
  'reports',
  'rest',
  'migration',
  'metrics',
];

function readSections(named: string | undefined, surroundings: Omit<AccountSurroundings, 'folder'>): Sections {
  const empty: Sections = {
    accounts: [],
    subgraphs: [],
    mirror: defaultMirror,
    destinations: [],
    egress: { allow: [] },
    templates: defaultTemplates,
    passThrough: defaultPassThrough,
    tiers: new Map(),
    limits: defaultLimits,
    audit: defaultAudit,
    reports: defaultReports,
    rest: defaultRest,
    migration: defaultMigration,
    metrics: defaultMetrics,
    problems: [],
  };
  const file = readConfigFile(named);
  if (file.kind === 'none') return empty;
  if (file.kind === 'unreadable')
    return {
      ...empty,
      accounts: undefined,
      problems: [
        { name: named === undefined ? file.path : 'CERTFOLIO_CONFIG', problem: 'names a file that cannot be read' },
      ],
    };

  const document = readConfigDocument(file.path, file.text);
  const reader = new ConfigReader(document);
  // A file of comments only is an empty one.
  const sections = document.value == null ? [] : (reader.membersOf(document.value, []) ?? []);
  reader.refuseUnknown(sections, sectionNames, []);
  /** What is absent, or wrong, is what it is without a file; problems stop the start anyway. */
  const section = <T>(name: string, read: (value: unknown) => T | undefined, absent: T): T => {
    const value: unknown = sections.find(([known]) => known === name)?.[1] ?? undefined;
    return value === undefined ? absent : (read(value) ?? absent);
  };
  const folder = dirname(file.path);
  const destinations = section('destinations', (value) => readDestinations(value, reader, folder), []);
  const migration = section('migration', (value) => readMigration(value, reader), defaultMigration);
  const untold = checkMessages(
    migration,
    destinations.map(({ name }) => name),
  );
  if (untold !== null) reader.problem(['migration', 'messages', 'destination'], untold);
  const accounts = section('accounts', (value) => readAccounts(value, reader, { ...surroundings, folder }), []);
  return {
    subgraphs: section('subgraphs', (value) => readSubgraphs(value, reader), []),
    mirror: section('mirror', (value) => readMirror(value, reader), defaultMirror),
    destinations,
    egress: section('egress', (value) => readEgress(value, reader), { allow: [] }),
    templates: section('templates', (value) => readTemplates(value, reader), defaultTemplates),
    passThrough: section('passthrough', (value) => readPassThrough(value, reader), defaultPassThrough),
    tiers: section<Tiers>('tiers', (value) => readTiers(value, reader), new Map()),
    limits: section('limits', (value) => readLimits(value, reader), defaultLimits),
    audit: section('audit', (value) => readAudit(value, reader), defaultAudit),
    reports: section('reports', (value) => readReports(value, reader), defaultReports),
    rest: section('rest', (value) => readRest(value, reader), defaultRest),
    migration,
    metrics: section('metrics', (value) => readMetrics(value, reader), defaultMetrics),
    accounts: accounts.length === 0 && reader.problems.length > 0 ? undefined : accounts,
    problems: reader.problems,
  };
}

/** The environment wins for a name that both have. */
function mergedByName(ours: readonly SubgraphAddresses[], more: readonly SubgraphAddresses[]): SubgraphAddresses[] {
  const names = new Set(ours.map(({ name }) => name));
  return [...ours, ...more.filter(({ name }) => !names.has(name))];
}

const hasKey = (given: ReadonlyMap<string, string>): boolean =>
  given.has('CERTCENTRAL_API_KEY') || given.has('CERTCENTRAL_API_KEY_FILE');

/** The account of the environment first, then those of the file. */
function accountsOf(
  environment: Partial<Environment>,
  accounts: readonly AccountConfiguration[],
  holdsKeys: boolean,
): readonly AccountConfiguration[] {
  const { CERTCENTRAL_API_KEY: value, CERTCENTRAL_API_KEY_FILE: path, CERTCENTRAL_BASE_URL: baseUrl } = environment;
  if (value === undefined && path === undefined) return accounts;
  const key = path === undefined ? ({ kind: 'value', value: value! } as const) : ({ kind: 'file', path } as const);
  const own: AccountConfiguration = {
    name: defaultAccount,
    baseUrl: baseUrl ?? usBaseUrl,
    setting: 'CERTCENTRAL_BASE_URL',
    key: holdsKeys ? key : null,
    budget: null,
    reportZone: null,
  };
  return [own, ...accounts];
}
