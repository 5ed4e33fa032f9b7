/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `skipped`: could not be looked at, and something else says why. */
  readonly state: 'ok' | 'warn' | 'fail' | 'skipped';
  /** What was found. */
  readonly found: string;
  /** Null when there is nothing to do. */
  readonly whatToDo: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, state: 'ok', found, whatToDo: null });
export const warn = (name: string, found: string, whatToDo: string): Check => ({
  name,
  state: 'warn',
  found,
  whatToDo,
});
export const fail = (name: string, found: string, whatToDo: string): Check => ({
  name,
  state: 'fail',
  found,
  whatToDo,
});
export const skipped = (name: string, found: string): Check => ({ name, state: 'skipped', found, whatToDo: null });
