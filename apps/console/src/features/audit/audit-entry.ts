/** An entry of the log; what one of its kind does not have is null. */
export interface AuditEntry {
  readonly seq: string;
  readonly hash: string;
  readonly previousHash: string;
  readonly kind: string;
  readonly at: string;
  readonly keyName: string | null;
  readonly owner: string | null;
  readonly from: string | null;
  readonly door: string | null;
  readonly decision: string | null;
  readonly status: number | null;
  readonly template: string | null;
  readonly operationName: string | null;
  readonly act: string | null;
  readonly rows: number | null;
  readonly truncated: boolean | null;
  readonly cost: number | null;
  readonly durationMs: number | null;
  readonly json: string;
}

export interface AuditPageAnswer {
  readonly auditLog: { readonly entries: readonly AuditEntry[]; readonly next: string | null };
}

export const auditText = `query AuditLog($after: ID, $filter: AuditFilter) {
  auditLog(first: 50, after: $after, filter: $filter) {
    next
    entries {
      seq hash previousHash kind at keyName owner from door decision status template operationName act
      rows truncated cost durationMs json
    }
  }
}`;
