import type { RouteState } from './route-state.ts';

/** What a change of a state says; what it leaves out stays as it is. */
export type RouteStateChange = Pick<RouteState, 'route' | 'keyId' | 'changedBy' | 'reason'> &
  Partial<Pick<RouteState, 'state' | 'percent' | 'deadline' | 'brownouts' | 'sampleRate' | 'plan'>>;

/** States of routes, shared by all processes. */
export interface RouteStateStore {
  /** Grows with every change of any state. */
  revision(): Promise<number>;
  /** Every state that was ever set, with the revision it belongs to. */
  all(): Promise<{ readonly revision: number; readonly states: readonly RouteState[] }>;
  /**
   * Changes a state, or makes it from that of an untouched route; in force for calls that come afterwards, in every process.
   *
   * @param expected the version that the change was decided on, 0 for a state that nobody has set; absent, any
   * @returns null when the state has another version by now, and nothing was changed
   */
  change(change: RouteStateChange, expected?: number): Promise<RouteState | null>;
  /** Ends an override; the key is again in the state of the route. False when there is none. */
  removeOverride(route: string, keyId: string): Promise<boolean>;
  /** The database was replaced: whoever knows states reads them anew, whatever revision the new one has. */
  replaced(): Promise<void>;
}
