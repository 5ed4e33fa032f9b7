/** One run of a schedule, as the control graph tells it. */
export interface RunAnswer {
  readonly id: string;
  readonly schedule: string;
  readonly owner: string;
  readonly state: string;
  readonly reason: string | null;
  readonly errorCode: string | null;
  readonly slot: string;
  readonly trigger: string;
  readonly onlyFor: string | null;
  readonly attempts: number;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly template: string | null;
  readonly templateId: string | null;
  readonly variables: string | null;
  readonly rows: number | null;
  readonly totalRows: number | null;
  readonly truncated: boolean | null;
  readonly dataAsOf: string | null;
  readonly source: string | null;
  readonly stale: boolean | null;
  readonly upstreamCalls: number | null;
  readonly difference: RunDifference | null;
  readonly rowsHash: string | null;
  readonly files: readonly RunFile[];
  readonly deliveries: readonly RunDelivery[];
}

export interface RunDifference {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly comparedWith: string;
}

export interface RunFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly path: string;
}

export interface RunDelivery {
  readonly kind: string;
  readonly destination: string;
  readonly recipient: string;
  readonly state: string;
  readonly attempts: number;
  readonly reference: string | null;
  readonly error: string | null;
  readonly changedAt: string;
}

export const runsText = `query Runs($schedule: String, $first: Int!, $before: ID) {
  runs(schedule: $schedule, first: $first, before: $before) {
    id schedule owner state reason errorCode slot trigger onlyFor attempts queuedAt startedAt finishedAt durationMs
    template templateId variables rows totalRows truncated dataAsOf source stale upstreamCalls rowsHash
    difference { added removed changed comparedWith }
    files { name mediaType bytes sha256 path }
    deliveries { kind destination recipient state attempts reference error changedAt }
  }
}`;
