export interface Choice {
  readonly value: string;
  readonly label: string;
  /** What it lets a key do. */
  readonly about: string;
}

/** The narrowest first. */
export const levels: readonly Choice[] = [
  { value: 'ID_ONLY', label: 'ID only', about: 'Runs approved templates by name or id; GraphQL texts are refused.' },
  { value: 'LISTED', label: 'Listed', about: 'Sends the text or the id of an approved template, and no other text.' },
  { value: 'AUDIT', label: 'Audit', about: 'Sends any operation; those that are no template are recorded.' },
  { value: 'OPEN', label: 'Open', about: 'Sends any operation.' },
];

/** Source: contract, section 2. */
export const scopes: readonly Choice[] = [
  { value: 'templates:run', label: 'templates:run', about: 'Runs templates.' },
  { value: 'templates:publish', label: 'templates:publish', about: 'Publishes, approves and retires templates.' },
  { value: 'schedules:write', label: 'schedules:write', about: 'Makes and changes schedules.' },
  { value: 'keys:write', label: 'keys:write', about: 'Makes, rotates and revokes keys.' },
  { value: 'migration:write', label: 'migration:write', about: 'Moves callers off the REST API.' },
  { value: 'admin', label: 'admin', about: 'Everything, the audit log included.' },
];

export const sensitiveFields: readonly Choice[] = [
  { value: 'csr', label: 'csr', about: 'Certificate signing requests.' },
  { value: 'cost', label: 'cost', about: 'Prices and balances.' },
  { value: 'email', label: 'email', about: 'E-mail addresses.' },
  { value: 'customFields', label: 'customFields', about: 'Custom fields of orders.' },
];

export const aboutOf = (choices: readonly Choice[], value: string): string | undefined =>
  choices.find((choice) => choice.value === value)?.about;
