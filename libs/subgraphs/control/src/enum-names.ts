/** GraphQL's spelling of a value of ours: `id-only` is `ID_ONLY`. */
export const toEnumName = (value: string): string => value.toUpperCase().replaceAll('-', '_');

/** The value that an enum name stands for; undefined for a name that the schema would not have let through. */
export function fromEnumName<T extends string>(values: readonly T[], name: string): T | undefined {
  return values.find((value) => toEnumName(value) === name);
}
