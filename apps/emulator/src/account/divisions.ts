/** A division; the service calls it a container. Source: vendor page "List containers". */
export interface Division {
  readonly id: number;
  readonly publicId: string;
  readonly name: string;
  readonly description?: string;
  /** 0 for the root. */
  readonly parentId: number;
  readonly templateId: number;
  readonly ekey: string;
  readonly isActive: boolean;
  readonly allowedDomainNames?: readonly string[];
}

export const ROOT_DIVISION_ID = 10;

function division(id: number, parentId: number, name: string, more: Partial<Division> = {}): Division {
  const templateId = id === ROOT_DIVISION_ID ? 5 : 6;
  return { id, publicId: `pub${id}`, name, parentId, templateId, ekey: `ek${id}`, isActive: true, ...more };
}

/** The tree of an enterprise, with names that CSV and spreadsheets stumble over. */
export const divisions: readonly Division[] = [
  division(ROOT_DIVISION_ID, 0, 'Meridian Group'),
  division(14, ROOT_DIVISION_ID, 'Retail', { description: 'Shops', allowedDomainNames: ['meridian-shop.test'] }),
  division(15, ROOT_DIVISION_ID, 'Banking & Payments', { description: 'Regulated; no wildcards' }),
  division(16, ROOT_DIVISION_ID, 'Zürich Rückversicherung'),
  division(17, ROOT_DIVISION_ID, 'Logistics, "North"', { description: 'Ports, rail\nand road' }),
  division(18, ROOT_DIVISION_ID, '研究開発'),
  division(20, 14, 'Retail – Online'),
  division(21, 14, '=Stores & Outlets'),
  division(22, 17, 'Legacy fleet', { isActive: false }),
];
