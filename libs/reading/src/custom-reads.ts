import {
  orderId,
  UpstreamUnavailable,
  type CertCentral,
  type CertificateRef,
  type CustomReportRequest,
  type Order,
  type OrderCondition,
  type OrderField,
  type OrderId,
  type OrderQuery,
  type OrderRead,
  type PushedCondition,
} from '@certfolio/core';
import { compileConditions, fieldsOfCondition } from './conditions.ts';
import { countByList } from './list-count.ts';
import { compareOrders } from './ordering.ts';
import type { ReadPlan } from './read-plan.ts';
import type { LearntFacts } from './source-facts.ts';
import { meansTheSameToTheList, namesOneOrder, witnessFor, type Witness } from './witness.ts';

/** The plan did not fit what CertCentral answered. What was learnt is in the facts; planning starts again. */
export class PlanAgain extends Error {}

/** Custom Reports gave an answer that cannot be shown to be whole: cut at a limit nobody documents, or a failure that passes. */
export class CustomReportsDoubted extends PlanAgain {}

/** The answer was longer than what is read of one, and cannot be had in parts. */
export class CustomReportTooLong extends PlanAgain {}

const route = 'POST /reports/query';
/** An order that comes, goes or changes between two calls looks like a lost one; a second look at both tells. */
const maxLooks = 2;

interface Answer {
  readonly orders: readonly Order[];
  readonly witness: readonly Order[] | null;
}

/** Asks Custom Reports and proves that no row is missing: against the list's count, or against a witness that the list counts. */
export class CustomReads {
  readonly #certCentral: CertCentral;
  readonly #facts: LearntFacts;

  constructor(certCentral: CertCentral, facts: LearntFacts) {
    this.#certCentral = certCentral;
    this.#facts = facts;
  }

  /**
   * All rows of one branch of the plan, at times with others that do not meet its conditions; or the first rows, where the
   * plan has a limit.
   *
   * @returns null where a cut answer does not begin with all the right rows: only the whole then tells
   * @throws PlanAgain when Custom Reports cannot do what the plan expects of it
   * @throws CustomReportTooLong when a single column is longer than what is read of an answer
   * @throws CustomReportsDoubted when the answer may have been cut at its end
   * @throws UpstreamUnavailable when it goes on losing rows
   */
  async read(
    plan: ReadPlan,
    query: OrderQuery,
    where: readonly PushedCondition[],
    read: OrderRead,
  ): Promise<readonly Order[] | null> {
    const isSurelyTooLong = plan.expected.rows * plan.sourceFields.size >= this.#facts.tooManyCustomCells;
    if (isSurelyTooLong && isDivisible(plan)) return this.#readInParts(plan, query, where, read);
    try {
      return await this.#readWhole(plan, query, where, read);
    } catch (error) {
      if (!(error instanceof CustomReportTooLong) || !isDivisible(plan)) throw error;
      return this.#readInParts(plan, query, where, read);
    }
  }

  /** Half of the columns after the other, joined by id: an order that is not in both came or went meanwhile. */
  async #readInParts(
    plan: ReadPlan,
    query: OrderQuery,
    where: readonly PushedCondition[],
    read: OrderRead,
  ): Promise<readonly Order[]> {
    const columns = columnsOf(plan);
    const middle = Math.ceil(columns.length / 2);
    const part = (fields: readonly OrderField[]) =>
      this.read({ ...plan, sourceFields: new Set(['id', ...fields]) }, query, where, read);
    // Without a limit, what is read is never cut.
    const left = (await part(columns.slice(0, middle)))!;
    const right = new Map((await part(columns.slice(middle)))!.map((order) => [order.id, order]));
    return left.flatMap((order) => {
      const other = right.get(order.id);
      return other === undefined ? [] : [{ ...order, ...other }];
    });
  }

  async #readWhole(
    plan: ReadPlan,
    query: OrderQuery,
    where: readonly PushedCondition[],
    read: OrderRead,
  ): Promise<readonly Order[] | null> {
    const sort = plan.sourceLimit === null ? null : query.sort[0]!;
    const request = { fields: [...plan.sourceFields], where, sort, limit: plan.sourceLimit };
    const named = where.find(namesOneOrder);
    if (named !== undefined) {
      const { orders } = await this.#ask(request, null, read);
      if (orders.length === 1 || (orders.length === 0 && (await this.#isUnknown(named, read)))) return orders;
    }
    const witness = witnessFor(where, sort);
    if (witness?.fields.some((field) => !this.#facts.fieldsOf('custom').has(field))) {
      throw new CustomReportsDoubted('Custom Reports does not show what it was asked to filter by');
    }
    for (let look = 1; ; look += 1) {
      const asking = this.#ask(request, witness, read);
      const counting = countByList(this.#certCentral, this.#facts, witness?.where ?? where, read);
      // Awaited below; when Custom Reports fails first, its error is the one that counts.
      counting.catch(() => undefined);
      const answer = await asking.catch(async (error: unknown) => {
        if (error instanceof CustomReportTooLong) await this.#learnTooLong(request, counting);
        throw error;
      });
      const total = await counting;
      const counted = idsOf(answer.witness ?? answer.orders).size;
      const isCountedWhole = counted >= total;
      if (isCountedWhole) {
        this.#facts.provenCustomRows = Math.max(this.#facts.provenCustomRows, counted);
        if (witness === null || hasAllRequired(answer, plan, query, where, witness)) return answer.orders;
        if (plan.sourceLimit !== null) return null;
      }
      if (look < maxLooks) continue;
      // Conditions may mean something else to Custom Reports than they say. The wider answer is counted, and filtered here.
      if (witness !== null && isCountedWhole) return this.#readWhole(plan, query, witness.where, read);
      // A whole answer of so many rows may have reached a cap exactly: only shorter ones are surely not cut.
      if (counted >= this.#facts.provenCustomRows) {
        throw new CustomReportsDoubted(`Custom Reports gave ${counted} of ${total} rows and may cut its answers`);
      }
      throw new UpstreamUnavailable(route, `it gave ${counted} of the ${total} orders that the list counts, twice`);
    }
  }

  async #ask(request: Omit<CustomReportRequest, 'witness'>, witness: Witness | null, read: OrderRead): Promise<Answer> {
    if (witness !== null && !this.#facts.takesWitness) return this.#askApart(request, witness, read);
    const answer = await this.#certCentral.customReport(witness === null ? request : { ...request, witness }, read);
    switch (answer.kind) {
      case 'rows':
        this.#facts.customReports = 'allowed';
        return answer;
      case 'not-allowed':
        this.#facts.customReports = 'not-allowed';
        throw new PlanAgain('the upstream key may not use Custom Reports');
      case 'unknown-fields':
        this.#facts.forgetCustomFields(answer.fields);
        throw new PlanAgain(`Custom Reports does not know ${answer.fields.join(', ')}`);
      case 'too-long':
        throw new CustomReportTooLong('the answer of Custom Reports is longer than what is read of one');
      case 'witness-refused': {
        const apart = await this.#askApart(request, witness!, read);
        // Nothing is wrong with either question, so it was that there were two.
        this.#facts.takesWitness = false;
        return apart;
      }
    }
  }

  /** @param counting rows that the list counts, of the answer or of its witness, which are no fewer */
  async #learnTooLong(
    { fields, limit }: Pick<CustomReportRequest, 'fields' | 'limit'>,
    counting: Promise<number>,
  ): Promise<void> {
    const counted = await counting.catch(() => Number.POSITIVE_INFINITY);
    const rows = Math.max(1, Math.min(counted, limit ?? Number.POSITIVE_INFINITY));
    this.#facts.tooManyCustomCells = Math.min(this.#facts.tooManyCustomCells, rows * fields.length);
  }

  async #askApart(request: Omit<CustomReportRequest, 'witness'>, witness: Witness, read: OrderRead): Promise<Answer> {
    const [{ orders }, beside] = await Promise.all([
      this.#ask(request, null, read),
      this.#ask({ ...witness, sort: null, limit: null }, null, read),
    ]);
    return { orders, witness: beside.orders };
  }

  /** Order info takes an id, serial number or thumbprint, and knows whether there is one. */
  async #isUnknown({ field, value }: PushedCondition, read: OrderRead): Promise<boolean> {
    const ref = refOf(field, String(value));
    return ref !== null && (await this.#certCentral.orderInfo(ref, read)) === null;
  }
}

const columnsOf = ({ sourceFields }: ReadPlan): readonly OrderField[] =>
  [...sourceFields].filter((field) => field !== 'id');

/** The first rows of two questions need not be the same where some are alike. */
const isDivisible = (plan: ReadPlan): boolean => plan.sourceLimit === null && columnsOf(plan).length > 1;

function refOf(field: PushedCondition['field'], value: string): OrderId | CertificateRef | null {
  if (field === 'id') return orderId(Number(value));
  // SHA-512 has 128 digits; what is longer or no number names no certificate, and has no place in a path.
  if (!/^[0-9a-f]{1,128}$/i.test(value)) return null;
  return field === 'thumbprint' ? { thumbprint: value } : { serialNumber: value };
}

/** Whether the orders that the witness names are all there; of a cut answer, those of the page. */
function hasAllRequired(
  { orders, witness: witnessed }: Answer,
  { sourceLimit }: ReadPlan,
  query: OrderQuery,
  where: readonly PushedCondition[],
  { fields }: Witness,
): boolean {
  const shown = new Set<OrderField>(fields);
  // What the query says decides, not what was pushed: that may be wider. Of one that was fanned out, only this branch's value.
  const decided: readonly OrderCondition[] = [
    ...query.conditions.filter((condition) => fieldsOfCondition(condition).every((field) => shown.has(field))),
    ...where.flatMap((condition) => (meansTheSameToTheList(condition) ? [] : equality(condition))),
  ];
  let required = witnessed!.filter(compileConditions(decided));
  if (sourceLimit !== null && orders.length >= sourceLimit) {
    required = required.sort(compareOrders(query.sort)).slice(0, query.offset + query.limit!);
  }
  const ids = idsOf(orders);
  return required.every(({ id }) => ids.has(id));
}

function equality({ field, op, value }: PushedCondition): readonly OrderCondition[] {
  return op !== 'eq' || field === 'domainName' || field === 'search' ? [] : [{ op: 'in', field, values: [value] }];
}

const idsOf = (orders: readonly Order[]): ReadonlySet<OrderId> => new Set(orders.map(({ id }) => id));
