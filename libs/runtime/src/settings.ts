import type { z } from 'zod';

export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
}

/** Everything that is wrong with the settings, at once, so that a start fails once. */
export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(['The settings cannot be used:', ...problems.map(({ name, problem }) => `  ${name}: ${problem}`)].join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** @throws SettingsError listing every variable that is wrong; values are never repeated, since some are secrets */
export function parseSettings<T>(schema: z.ZodType<T>, environment: Readonly<Record<string, string | undefined>>): T {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new SettingsError(
    result.error.issues.map(({ path, message }) => ({ name: path.join('.') || '(all)', problem: message })),
  );
}
