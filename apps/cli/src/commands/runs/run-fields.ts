export interface RunAnswer {
  readonly id: string;
  readonly schedule: string;
  readonly owner: string;
  readonly state: string;
  readonly reason: string | null;
  readonly slot: string;
  readonly trigger: string;
  readonly attempts: number;
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
  readonly rowsHash: string | null;
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly mediaType: string;
    readonly path: string;
  }[];
  readonly deliveries: readonly {
    readonly kind: string;
    readonly destination: string;
    readonly recipient: string;
    readonly state: string;
    readonly reference: string | null;
    readonly error: string | null;
  }[];
}

export const runFields = `id schedule owner state reason slot trigger attempts startedAt finishedAt durationMs template templateId
  variables rows totalRows truncated dataAsOf rowsHash files { name bytes sha256 mediaType path }
  deliveries { kind destination recipient state reference error }`;

/** `1,000 of 25,000`. */
export function rowsText({ rows, totalRows, truncated }: Pick<RunAnswer, 'rows' | 'totalRows' | 'truncated'>): string {
  if (rows === null) return '';
  const count = rows.toLocaleString('en-US');
  return truncated === true ? `${count} of ${totalRows === null ? 'more' : totalRows.toLocaleString('en-US')}` : count;
}
