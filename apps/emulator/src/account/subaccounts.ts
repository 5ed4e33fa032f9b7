/** An account below this one, with an organization and orders of its own. */
export interface Subaccount {
  readonly id: number;
  readonly name: string;
  readonly type: 'enterprise' | 'retail';
  /** Its orders show their certificate to the account above; those of accounts further down do not. */
  readonly isImmediate: boolean;
}

export const subaccounts: readonly Subaccount[] = [
  { id: 900_200, name: 'Meridian Sub', type: 'enterprise', isImmediate: true },
  { id: 900_201, name: '=Stores sub', type: 'retail', isImmediate: true },
  { id: 900_202, name: 'Łódź sub', type: 'retail', isImmediate: false },
];
