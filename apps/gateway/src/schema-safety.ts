import type { KeyStore } from '@certfolio/access';
import { mayRunTemplate, type Clock } from '@certfolio/core';
import { CompositionError, apiSchemaOf } from '@certfolio/execution';
import {
  brokenTemplates,
  coordinatesOf,
  describeBroken,
  reference,
  schemaChanges,
  type BrokenTemplate,
  type SchemaChange,
  type SensitiveFields,
  type Template,
  type TemplateRegistry,
  type UsageStore,
} from '@certfolio/templates';
import { GraphQLError, parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { SchemaSource } from './schema-source.ts';

/** A key that may run a template, or ran it. */
export interface ConcernedKey {
  readonly keyId: string;
  readonly keyName: string | null;
  readonly keyOwner: string | null;
  readonly mayRun: boolean;
  /** Null when it did not run it in the time that uses are kept. */
  readonly lastUsedAt: Date | null;
  readonly runs: number;
}

export interface BrokenWithKeys extends BrokenTemplate {
  /** Those that ran it last come first. */
  readonly keys: readonly ConcernedKey[];
  /** Names of schedules that run it. */
  readonly schedules: readonly string[];
}

export interface SchemaChangeWithUse extends SchemaChange {
  /** `name@version` of templates in service that select the field. */
  readonly templates: readonly string[];
  /** Keys that selected it in operations that are no template. */
  readonly unlisted: readonly {
    readonly keyId: string;
    readonly runs: number;
    readonly firstUsedAt: Date;
    readonly lastUsedAt: Date;
  }[];
}

export interface SchemaCheck {
  /** Why the subgraphs would not compose; the rest is empty then. */
  readonly compositionErrors: readonly string[];
  readonly broken: readonly BrokenWithKeys[];
  readonly changes: readonly SchemaChangeWithUse[];
}

export interface SchemaSafetyParts {
  readonly source: SchemaSource;
  readonly registry: () => TemplateRegistry;
  readonly schema: () => GraphQLSchema;
  readonly sensitiveFields: SensitiveFields;
  readonly keys: Pick<KeyStore, 'list'>;
  readonly usage: Pick<UsageStore, 'templateUses' | 'fieldUses'>;
  /** Schedules that run a template. */
  readonly schedulesOf: (template: Template) => Promise<readonly string[]>;
  readonly clock: Clock;
}

/** Longer schemas of one subgraph are not read. */
const maxSdlChars = 1_000_000;

/** What another schema would do to the templates in service and to those who run them. */
export function createSchemaSafety({
  source,
  registry,
  schema,
  sensitiveFields,
  keys,
  usage,
  schedulesOf,
  clock,
}: SchemaSafetyParts) {
  async function broken(next: GraphQLSchema): Promise<readonly BrokenWithKeys[]> {
    const found = brokenTemplates(registry().all(), next, sensitiveFields);
    if (found.length === 0) return [];
    const [allKeys, uses] = await Promise.all([keys.list(), usage.templateUses('everyone')]);
    const nowMs = clock.nowMs();
    return Promise.all(
      found.map(async ({ template, problems }) => {
        const own = uses.filter(({ name, version }) => name === template.name && version === template.version);
        const concerned = allKeys.map(({ id, name, owner, templates, scopes, revokedAt, expiresAt }): ConcernedKey => {
          const use = own.find(({ keyId }) => keyId === id);
          const isValid = revokedAt === null && (expiresAt === null || expiresAt.getTime() > nowMs);
          const isScoped = scopes.includes('templates:run') || scopes.includes('admin');
          const grant =
            templates === 'all' ? 'all' : { names: new Set(templates.names), tags: new Set(templates.tags) };
          const mayRun = isValid && isScoped && mayRunTemplate(grant, template);
          return {
            keyId: id,
            keyName: name,
            keyOwner: owner,
            mayRun,
            lastUsedAt: use?.lastUsedAt ?? null,
            runs: use?.runs ?? 0,
          };
        });
        const unknown = own
          .filter(({ keyId }) => !allKeys.some(({ id }) => id === keyId))
          .map(({ keyId, lastUsedAt, runs }): ConcernedKey => ({
            keyId,
            keyName: null,
            keyOwner: null,
            mayRun: false,
            lastUsedAt,
            runs,
          }));
        const told = [...concerned, ...unknown].filter(({ mayRun, runs }) => mayRun || runs > 0);
        const lastMs = ({ lastUsedAt }: ConcernedKey) => lastUsedAt?.getTime() ?? 0;
        return {
          template,
          problems,
          keys: told.toSorted((a, b) => lastMs(b) - lastMs(a)),
          schedules: await schedulesOf(template),
        };
      }),
    );
  }

  async function changesTo(next: GraphQLSchema): Promise<readonly SchemaChangeWithUse[]> {
    const now = schema();
    const changes = schemaChanges(now, next);
    const fields = [...new Set(changes.flatMap(({ field }) => (field === null ? [] : [field])))];
    const unlisted = fields.length === 0 ? [] : await usage.fieldUses(fields, 'everyone');
    const running = registry()
      .all()
      .filter(({ state }) => state === 'approved' || state === 'deprecated');
    return changes.map((change) => ({
      ...change,
      templates:
        change.field === null
          ? []
          : running.filter((template) => coordinatesOf(template, now).has(change.field!)).map(reference),
      unlisted: unlisted.filter(({ coordinate }) => coordinate === change.field),
    }));
  }

  return {
    broken,
    /**
     * What becomes of everything when one subgraph has this schema; one of a name that is not known is taken for new.
     *
     * @throws SubgraphUnavailable when another subgraph elsewhere never told its schema
     */
    async check(name: string, sdl: string): Promise<SchemaCheck> {
      const refused = (compositionErrors: readonly string[]) => ({ compositionErrors, broken: [], changes: [] });
      const parsed = parseSdl(sdl);
      if ('problem' in parsed) return refused([parsed.problem]);
      let next: GraphQLSchema;
      try {
        next = apiSchemaOf(await source.composeWith({ name, typeDefs: parsed.typeDefs }));
      } catch (error) {
        if (error instanceof CompositionError) return refused(error.reasons);
        throw error;
      }
      const [found, changes] = await Promise.all([broken(next), changesTo(next)]);
      return { compositionErrors: [], broken: found, changes };
    },
  };
}

export type SchemaSafety = ReturnType<typeof createSchemaSafety>;

function parseSdl(sdl: string): { readonly typeDefs: DocumentNode } | { readonly problem: string } {
  if (sdl.length > maxSdlChars)
    return { problem: `The schema has ${sdl.length} characters; ${maxSdlChars} are allowed.` };
  try {
    return { typeDefs: parse(sdl) };
  } catch (error) {
    if (error instanceof GraphQLError) return { problem: `${error.message} (line ${error.locations?.[0]?.line ?? 1})` };
    if (error instanceof RangeError) return { problem: 'The schema nests too deeply to be read.' };
    throw error;
  }
}

/** Keys that are named one by one in a message. */
const namedKeys = 5;

/** A broken template in one sentence or two, for the log and those who reload: what, whose, and who is concerned. */
export function describeBrokenWithKeys({ keys, schedules, ...broken }: BrokenWithKeys): string {
  const used = keys.filter(({ lastUsedAt }) => lastUsedAt !== null);
  const named = used
    .slice(0, namedKeys)
    .map(
      ({ keyId, keyName, keyOwner, lastUsedAt }) =>
        `"${keyName ?? keyId}" of ${keyOwner ?? 'nobody known'}, ${lastUsedAt!.toISOString().slice(0, 10)}`,
    );
  const more = used.length > namedKeys ? ` and ${used.length - namedKeys} more` : '';
  const runners = keys.filter(({ mayRun }) => mayRun).length;
  const ran = used.length === 0 ? 'No key ran it lately' : `Last run by ${named.join('; ')}${more}`;
  return `It would break ${describeBroken(broken)} ${ran}; ${runners} ${runners === 1 ? 'key' : 'keys'} may run it; schedules: ${schedules.join(', ') || 'none'}.`;
}
