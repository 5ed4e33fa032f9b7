import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream } from '../harness/index.ts';

/** Ids of an account's rows, each with the divisions that own it; read from CertCentral, past the product. */
export interface AccountRows {
  /** By the type whose marker carries the id. */
  readonly owners: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>>;
  /** Organizations that an order or a domain names, by the division of that order or domain. */
  readonly namedOrganizations: ReadonlyMap<string, ReadonlySet<number>>;
}

interface Contained {
  readonly container?: { readonly id: number };
}
interface Listed extends Contained {
  readonly id: number;
  readonly certificate?: { readonly serial_number?: string };
  readonly organization?: { readonly id: number };
  readonly order?: Contained;
  readonly container_assignments?: readonly { readonly id: number }[];
  readonly container_id_assignments?: readonly string[];
}

export async function accountRows(emulator: EmulatorProcess): Promise<AccountRows> {
  const list = async (path: string, member: string) =>
    ((await askUpstream(emulator, path)) as Record<string, readonly Listed[]>)[member]!;
  const [orders, organizations, domains, containers, requests, adjustments, users, serviceUsers] = await Promise.all([
    list('/order/certificate', 'orders'),
    list('/organization', 'organizations'),
    list('/domain', 'domains'),
    list('/container', 'containers'),
    list('/request', 'requests'),
    list('/finance/balance-history', 'adjustments'),
    list('/user', 'users'),
    list('/service-user', 'users'),
  ]);
  const byId = (rows: readonly Listed[], ownersOf: (row: Listed) => readonly (number | undefined)[]) =>
    new Map(rows.map((row) => [String(row.id), new Set(ownersOf(row).filter((id) => id !== undefined))]));
  const byContainer = (rows: readonly Listed[]) => byId(rows, ({ container }) => [container?.id]);
  const shared = ({ container, container_assignments = [], container_id_assignments = [] }: Listed) => [
    container?.id,
    ...container_assignments.map(({ id }) => id),
    ...container_id_assignments.map(Number),
  ];
  const namedOrganizations = new Map<string, Set<number>>();
  for (const { organization, container } of [...orders, ...domains]) {
    if (organization === undefined || container === undefined) continue;
    const owners = namedOrganizations.get(String(organization.id)) ?? new Set();
    namedOrganizations.set(String(organization.id), owners.add(container.id));
  }
  return {
    namedOrganizations,
    owners: new Map([
      ['Order', byContainer(orders)],
      ['OrderDetails', byContainer(orders)],
      [
        'Certificate',
        new Map(
          orders.flatMap(({ certificate, container }) =>
            certificate?.serial_number === undefined ? [] : [[certificate.serial_number, new Set([container!.id])]],
          ),
        ),
      ],
      ['Organization', byId(organizations, shared)],
      ['Domain', byContainer(domains)],
      ['Container', byId(containers, ({ id }) => [id])],
      ['User', byId([...users, ...serviceUsers], shared)],
      ['ApprovalRequest', byId(requests, ({ order }) => [order?.container?.id])],
      ['BalanceEntry', byContainer(adjustments)],
    ]),
  };
}

/**
 * Rows in an answer that the divisions do not own, as `Type id`. An order may name its user and its organization whoever
 * owns them; of such a user it shows no more than the id.
 */
export function strangersIn(
  answer: unknown,
  { owners, namedOrganizations }: AccountRows,
  divisions: ReadonlySet<number>,
): readonly string[] {
  const strangers = new Set<string>();
  const isIn = (owning: ReadonlySet<number> | undefined) => [...(owning ?? [])].some((owner) => divisions.has(owner));
  const judge = (type: string, id: string, row: object) => {
    if (isIn(owners.get(type)?.get(id))) return;
    if (type === 'Organization' && isIn(namedOrganizations.get(id))) return;
    const told = Object.values(row).filter((value) => value !== null && value !== type && value !== id);
    if (type !== 'User' || told.length > 0) strangers.add(`${type} ${id}`);
  };
  const look = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(look);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      // A column of a report is named by its path.
      const last = name.slice(name.lastIndexOf('.') + 1);
      if (!last.endsWith('_')) look(member);
      else for (const id of [member].flat()) if (id !== null) judge(last.slice(0, -1), String(id), value);
    }
  };
  look(answer);
  return [...strangers];
}
