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
