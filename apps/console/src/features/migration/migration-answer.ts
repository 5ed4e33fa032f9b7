/** What the control graph tells of REST routes on their way to the graph. */
export interface MigrationAnswer {
  readonly upstreamCallsSaved: number;
  readonly routes: readonly RouteAnswer[];
}

export interface ParityAnswer {
  readonly compared: number;
  readonly different: number;
  readonly passed: number;
  readonly equalRate: number | null;
  readonly atLeast: number;
}

/** Of a route, or of a key on it. */
export interface ProgressAnswer {
  readonly state: string;
  readonly percent: number;
  readonly deadline: string | null;
  readonly calls: number;
  readonly lastCallAt: string | null;
  readonly testCalls: number;
  readonly callsFromGraph: number;
  readonly upstreamCallsSaved: number;
  readonly template: string | null;
  readonly replacementField: string | null;
  readonly parity: ParityAnswer;
  readonly projectedEnd: string | null;
}

export interface RouteAnswer extends ProgressAnswer {
  readonly route: string;
  readonly name: string | null;
  readonly isServed: boolean;
  readonly ramp: RampAnswer | null;
}

export interface RampAnswer {
  readonly auto: boolean;
  readonly waitingFor: readonly string[];
  readonly steps: readonly { readonly percent: number }[];
}

export interface KeyAnswer extends ProgressAnswer {
  readonly keyId: string;
  readonly keyName: string | null;
  readonly owner: string | null;
  readonly isOverride: boolean;
}

export interface FieldAnswer {
  readonly field: string;
  readonly parity: ParityAnswer;
}

export interface SampleAnswer {
  readonly at: string;
  readonly owner: string;
  readonly requestId: string;
  readonly call: string;
  readonly place: string;
  readonly legacy: string | null;
  readonly graph: string | null;
  readonly isShown: boolean;
}

export interface FallbackAnswer {
  readonly reason: string;
  readonly calls: number;
  readonly lastUsedAt: string;
}

/** What a dialog tells beyond the table. */
export interface RouteDetailsAnswer {
  readonly route: string;
  readonly previous: string | null;
  readonly reason: string;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
  readonly sampleRate: number;
  readonly brownouts: readonly { readonly from: string; readonly to: string }[];
  readonly keys: readonly KeyAnswer[];
  readonly fields: readonly FieldAnswer[];
  readonly samples: readonly SampleAnswer[];
  readonly fallbacks: readonly FallbackAnswer[];
}

const parity = 'parity { compared different passed equalRate atLeast }';
const progress = `state percent deadline calls lastCallAt testCalls callsFromGraph upstreamCallsSaved template
  replacementField projectedEnd ${parity}`;

export const migrationText = `query Migration($days: Int!) {
  migration(days: $days) {
    upstreamCallsSaved
    routes { route name isServed ramp { auto waitingFor steps { percent } } ${progress} }
  }
}`;

export const shownFields = 20;
export const shownSamples = 10;

export const routeDetailsText = `query MigrationRoute($route: String!, $days: Int!) {
  migration(route: $route, days: $days) {
    routes {
      route previous reason changedAt changedBy sampleRate
      brownouts { from to }
      keys { keyId keyName owner isOverride ${progress} }
      fields(first: ${shownFields}) { field ${parity} }
      samples(first: ${shownSamples}) { at owner requestId call place legacy graph isShown }
      fallbacks { reason calls lastUsedAt }
    }
  }
}`;
