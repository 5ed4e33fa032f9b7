/** A CertCentral account as the gateway sees it. */
export interface UpstreamAnswer {
  readonly account: string;
  readonly host: string;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly keyKind: string | null;
  readonly proxy: string | null;
  readonly privateCa: boolean;
  readonly clockAheadMs: number | null;
  readonly reachable: boolean;
  readonly error: string | null;
  readonly budget: BudgetAnswer;
  readonly mirror: MirrorAnswer | null;
}

export interface BudgetAnswer {
  readonly freeNow: number;
  readonly windows: readonly BudgetWindow[];
  readonly inFlight: number;
  readonly queued: {
    readonly interactive: number;
    readonly scheduled: number;
    readonly shadow: number;
    readonly backfill: number;
  };
  readonly pausedMs: number;
  readonly sharing: string;
  readonly processes: number;
}

export interface BudgetWindow {
  readonly calls: number;
  readonly windowMs: number;
  readonly free: number;
}

export interface MirrorAnswer {
  readonly dataAsOf: string | null;
  readonly orders: number;
  readonly upstreamTotal: number | null;
  readonly complete: boolean;
  readonly ordersLeft: number;
}

export interface ProbeAnswer {
  readonly account: string;
  readonly host: string;
  readonly calls: number;
  readonly findings: readonly ProbeFinding[];
  readonly bundle: string;
}

export interface ProbeFinding {
  readonly read: string;
  readonly state: string;
  readonly found: string;
}

const mirror = 'mirror { dataAsOf orders upstreamTotal complete ordersLeft }';

export const upstreamText = `query Upstream {
  upstream {
    account host accountId accountName keyKind proxy privateCa clockAheadMs reachable error
    budget {
      freeNow windows { calls windowMs free } inFlight queued { interactive scheduled shadow backfill }
      pausedMs sharing processes
    }
    ${mirror}
  }
}`;

export const refreshText = `mutation RefreshMirror($full: Boolean!) {
  ${mirror.replace('mirror', 'mirror: refreshMirror(full: $full)')}
}`;

export const probeText =
  'mutation ProbeUpstream { probeUpstream { account host calls findings { read state found } bundle } }';

/** Of `useQuery`; what a change answers is put there, since asking again would spend calls. */
export const upstreamKey = ['upstream'] as const;
