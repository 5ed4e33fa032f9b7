import { fieldsFrom, type OrderField } from '@certfolio/core';
import type { BulkSource } from './source-abilities.ts';

/** What planning knows of the upstream key and its data. */
export interface SourceFacts {
  /** Orders in the account as last counted, null before the first count. */
  readonly totalOrders: number | null;
  /** Custom Reports needs a POST, which a view-only key may not make; known after the first try. */
  readonly customReports: 'unknown' | 'allowed' | 'not-allowed';
  /** Whether Custom Reports answers two questions in one call. */
  readonly takesWitness: boolean;
  /** Rows times fields from which on answers of Custom Reports are too long to be read as a whole. */
  readonly tooManyCustomCells: number;
  fieldsOf(source: BulkSource): ReadonlySet<OrderField>;
}

/** What a process learns of one upstream account while it reads. Nothing here is assumed for good: each fact comes from an answer. */
export class LearntFacts implements SourceFacts {
  totalOrders: number | null = null;
  customReports: SourceFacts['customReports'] = 'unknown';
  takesWitness = true;
  tooManyCustomCells = Number.POSITIVE_INFINITY;
  /** Most rows that one Custom Reports answer was seen to hold without being cut; its limit is documented nowhere. */
  provenCustomRows = 0;
  readonly #fields: Record<BulkSource, Set<OrderField>> = {
    list: new Set(fieldsFrom('list')),
    report: new Set(fieldsFrom('report')),
    custom: new Set(fieldsFrom('custom')),
  };

  fieldsOf(source: BulkSource): ReadonlySet<OrderField> {
    return this.#fields[source];
  }

  /** The same, for a read that is too long for Custom Reports. */
  withoutCustom(): SourceFacts {
    const { totalOrders, takesWitness, tooManyCustomCells } = this;
    return {
      ...{ totalOrders, takesWitness, tooManyCustomCells },
      customReports: 'not-allowed',
      fieldsOf: (source) => this.fieldsOf(source),
    };
  }

  /** Custom Reports said that it does not know these; they are not asked for again. */
  forgetCustomFields(fields: readonly OrderField[]): void {
    for (const field of fields) this.#fields.custom.delete(field);
  }
}
