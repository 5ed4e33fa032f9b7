import {
  containerId,
  type ApprovalRequest,
  type Balance,
  type BalanceAdjustment,
  type CertCentralAccount,
  type CertCentralChanges,
  type RestListName,
  type RestListPage,
  type StatusChange,
  type CertCentralOrderParts,
  type Container,
  type CustomFieldDefinition,
  type Decimal,
  type Order,
  type OrderCertificate,
  type OrderId,
  type OrderValidation,
  type OrganizationContacts,
  type Page,
  type PageRequest,
  type Product,
  type SubaccountOrder,
  type UnitBundle,
  type UnitOrder,
  type UpstreamCall,
  type User,
} from '@certfolio/core';

/** What an account of the vendor has beside orders; everything is empty unless given. */
export interface AccountData {
  readonly containers?: readonly Container[];
  readonly users?: readonly User[];
  readonly serviceUsers?: readonly User[];
  readonly products?: readonly Product[];
  readonly requests?: readonly ApprovalRequest[];
  readonly balanceAdjustments?: readonly BalanceAdjustment[];
  readonly unitOrders?: readonly UnitOrder[];
  readonly customFields?: readonly CustomFieldDefinition[];
  readonly subaccountOrders?: readonly SubaccountOrder[];
}

/** The account half of CertCentral in memory: pages of its lists, and what hangs on one record, each call counted. */
export class VendorAccount implements CertCentralAccount, CertCentralChanges, CertCentralOrderParts {
  data: AccountData = {};
  readonly calls: { readonly route: string; readonly request: unknown }[] = [];
  /** Calls below orders that are under way now, and the most that ever were. */
  open = 0;
  mostOpen = 0;

  count(route?: string): number {
    return route === undefined ? this.calls.length : this.calls.filter((call) => call.route === route).length;
  }

  readonly restListPage: RestListPage = async (list, page, call) => {
    const rows = { restOrganizations: [], restDomains: [], restContainers: this.data.containers ?? [], restUsers: this.data.users ?? [], restProducts: this.data.products ?? [], restRequests: this.data.requests ?? [] } satisfies Record<RestListName, readonly unknown[]>; // prettier-ignore
    const documented = rows[list].map((row) => ({ ...row, restDocument: JSON.stringify(row) }));
    return this.#page(list, documented as never[], page, call);
  };

  async statusChanges(window: unknown, call: UpstreamCall): Promise<readonly StatusChange[]> {
    this.note('status changes', window, call);
    return [];
  }

  async listContainers(call: UpstreamCall): Promise<readonly Container[]> {
    return this.#whole('containers', this.data.containers, call);
  }

  async listUsers(page: PageRequest, call: UpstreamCall): Promise<Page<User>> {
    return this.#page('users', this.data.users, page, call);
  }

  async listServiceUsers(page: PageRequest, call: UpstreamCall): Promise<Page<User>> {
    return this.#page('service users', this.data.serviceUsers, page, call);
  }

  async listProducts(call: UpstreamCall): Promise<readonly Product[]> {
    return this.#whole('products', this.data.products, call);
  }

  async listRequests(page: PageRequest, call: UpstreamCall): Promise<Page<ApprovalRequest>> {
    return this.#page('requests', this.data.requests, page, call);
  }

  async listBalanceAdjustments(page: PageRequest, call: UpstreamCall): Promise<Page<BalanceAdjustment>> {
    return this.#page('balance history', this.data.balanceAdjustments, page, call);
  }

  async listUnitOrders(page: PageRequest, call: UpstreamCall): Promise<Page<UnitOrder>> {
    return this.#page('unit orders', this.data.unitOrders, page, call);
  }

  async listSubaccountOrders(page: PageRequest, call: UpstreamCall): Promise<Page<SubaccountOrder>> {
    return this.#page('subaccount orders', this.data.subaccountOrders, page, call);
  }

  async customFieldDefinitions(call: UpstreamCall): Promise<readonly CustomFieldDefinition[]> {
    return this.#whole('custom fields', this.data.customFields, call);
  }

  async balance(id: number | null, call: UpstreamCall): Promise<Balance> {
    this.note('balance', id, call);
    return {
      balance: '1.00' as Decimal,
      currency: 'USD',
      unpaidInvoices: null,
      creditLimit: null,
      usedCreditOfOtherContainers: '7.00' as Decimal,
      availableFunds: null,
      hasUnlimitedCredit: true,
    };
  }

  async unitBundles(id: number, call: UpstreamCall): Promise<readonly UnitBundle[] | null> {
    this.note('unit order', id, call);
    const isKnown = (this.data.unitOrders ?? []).some((order) => order.id === id);
    return isKnown ? [{ productNameId: 'ssl_basic', productName: null, units: id, cost: null }] : null;
  }

  async organizationContacts(id: number, call: UpstreamCall): Promise<OrganizationContacts | null> {
    this.note('organization contacts', id, call);
    return id === 1 ? null : { organizationContact: null, verifiedContacts: [], contacts: [] };
  }

  async duplicates(id: OrderId, call: UpstreamCall): Promise<readonly OrderCertificate[] | null> {
    return this.#part('duplicates', id, [], call);
  }

  async reissues(id: OrderId, call: UpstreamCall): Promise<readonly OrderCertificate[] | null> {
    return this.#part('reissues', id, [], call);
  }

  async validation(id: OrderId, call: UpstreamCall): Promise<OrderValidation | null> {
    return this.#part('validation', id, { orderId: id } as OrderValidation, call);
  }

  async orderWithParts(id: OrderId, call: UpstreamCall) {
    const parts = {
      order: { id } as Order,
      requests: [{ id: id * 10, date: null, type: null, status: null, comments: null }],
      notes: [{ id: id * 100, text: '' }],
    };
    return this.#part('info with parts', id, parts, call);
  }

  protected note(route: string, request: unknown, call: UpstreamCall): void {
    this.calls.push({ route, request });
    call.ledger.called();
  }

  #whole<T>(route: string, rows: readonly T[] = [], call: UpstreamCall): readonly T[] {
    this.note(route, null, call);
    return rows;
  }

  #page<T>(route: string, rows: readonly T[] = [], page: PageRequest, call: UpstreamCall): Page<T> {
    this.note(route, page, call);
    if (page.limit < 1 || page.limit > 1_000) throw new RangeError(`${route} limit ${page.limit}`);
    return { items: rows.slice(page.offset, page.offset + page.limit), total: rows.length };
  }

  /** Order 404 does not exist. A call takes a moment, so that calls at the same time can be told. */
  async #part<T>(route: string, id: OrderId, value: T, call: UpstreamCall): Promise<T | null> {
    this.note(route, id, call);
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    await new Promise((resolve) => setImmediate(resolve));
    this.open -= 1;
    return id === 404 ? null : value;
  }
}

export const division = (id: number, parent: number | null = 10): Container => ({
  id: containerId(id),
  name: `Division ${id}`,
  description: null,
  parentId: parent === null ? null : containerId(parent),
  isActive: true,
  allowedDomainNames: [],
});
