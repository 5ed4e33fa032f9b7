import type { Clock, FieldRights, Logger } from '@certfolio/core';
import type { PreparedDocuments } from '@certfolio/execution';
import type { Pool } from '@certfolio/database';
import {
  createTemplatePublisher,
  openServedTemplates,
  type OperationAnalyser,
  type ReviewPolicy,
  type ServedTemplates,
  type TemplateProblem,
  type TemplatePublisher,
  type TemplateSource,
  type TemplateStore,
} from '@certfolio/templates';
import { createTemplateStore } from '@certfolio/templates/postgres';
import type { GraphQLSchema } from 'graphql';
import type { ReadinessCheck } from './gateway-parts.ts';
import { openTemplateFolder, type TemplateFolderSource } from './template-folder-source.ts';

export interface TemplateRegistryOptions {
  readonly pool: Pool;
  readonly dir: string;
  readonly schema: () => GraphQLSchema;
  readonly sensitiveFields: ReadonlyMap<string, FieldRights>;
  readonly documents: Pick<PreparedDocuments, 'prepare'>;
  readonly analyser: OperationAnalyser;
  readonly review: ReviewPolicy;
  /** Templates of the product's own. */
  readonly builtIn: readonly TemplateSource[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The template registry of a gateway: the store, the folder that fills it, and what is served of it. */
export interface GatewayTemplates {
  readonly store: TemplateStore;
  readonly served: ServedTemplates;
  readonly publisher: TemplatePublisher;
  readonly readiness: ReadinessCheck;
  /** After the schema changed: holds everything against it, and reads the folder again. */
  reassess(): Promise<void>;
  /** Sees what other processes change, until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  close(): void;
}

export async function openTemplateRegistry(options: TemplateRegistryOptions): Promise<GatewayTemplates> {
  const { pool, dir, schema, sensitiveFields, documents, analyser, review, builtIn, clock, logger } = options;
  const sensitive = { groupOf: (type: string, field: string) => sensitiveFields.get(`${type}.${field}`) ?? null };
  const rules = () => ({ schema: schema(), sensitiveFields: sensitive });
  const store = createTemplateStore(pool, { clock });
  const served = await openServedTemplates({
    store,
    rules,
    prepare: (text) => documents.prepare(text),
    clock,
    logger,
    builtIn,
  });
  const folder = await openTemplateFolder({ dir, store, served, rules, clock, logger });
  return {
    store,
    served,
    publisher: createTemplatePublisher({ store, served, rules, analyser, review, clock }),
    readiness: { name: 'templates', isRequired: false, check: async () => stateOf(served, folder) },
    async reassess() {
      await served.reassess();
      await folder.sync();
    },
    follow: (signal) => served.follow(signal),
    close: () => folder.close(),
  };
}

/** A sentence for each thing that is wrong; null when nothing is. */
function stateOf(served: ServedTemplates, folder: TemplateFolderSource): string | null {
  const inFolder = folder.problems();
  const unfit = served.problems();
  const sentences = [
    inFolder.length === 0
      ? null
      : `The folder has ${counted(inFolder.length)}; the last good set is served (${named(inFolder)}).`,
    unfit.length === 0 ? null : `Out of service: ${named(unfit)}.`,
    served.blindness(),
  ].filter((sentence) => sentence !== null);
  return sentences.length === 0 ? null : sentences.join(' ');
}

const counted = (count: number) => (count === 1 ? '1 problem' : `${count} problems`);

/** The first few by name; `/readyz` asks for no key, so nothing of their content is told. */
function named(problems: readonly TemplateProblem[]): string {
  const names = [...new Set(problems.map(({ file }) => file))];
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
}
