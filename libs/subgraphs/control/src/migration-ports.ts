import type { ComparisonStore, RestUsageStore, RouteStateStore } from '@certfolio/migration';

/** What the migration of the graph needs of the rest. */
export interface MigrationPorts {
  readonly states: Pick<RouteStateStore, 'all' | 'change' | 'removeOverride'>;
  readonly usage: Pick<RestUsageStore, 'uses' | 'days' | 'fallbacks'>;
  readonly comparisons: Pick<ComparisonStore, 'parity' | 'samples' | 'windows' | 'rules' | 'addRule' | 'removeRule'>;
  /** The graph can answer the route. */
  isServed(route: string): boolean;
  newRuleId(): string;
}
