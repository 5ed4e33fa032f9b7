import type { RequestContext } from '@certfolio/core';
import type { KeyStore } from '@certfolio/access';
import type { Template, TemplateRegistry } from '@certfolio/templates';

/** The part of the key store that administration needs. Rights are checked before it is called. */
export type KeyAdministration = Pick<KeyStore, 'create' | 'list' | 'show' | 'revoke'>;

export interface TemplateCatalog {
  /** The templates of this moment; asked once per field, since publishing makes a new registry. */
  registry(): Pick<TemplateRegistry, 'all' | 'list' | 'find'>;
  /** Estimated cost with the default variables; null when it is not known. */
  costOf(template: Template): number | null;
}

export interface UpstreamStatus {
  /** Name of the account in the configuration. */
  readonly account: string;
  readonly host: string;
  readonly accountId: number | null;
  readonly accountName: string | null;
  /** `emulator`, or what the key's restriction allows; null while nobody knows. */
  readonly keyKind: string | null;
  readonly reachable: boolean;
  /** A sentence; null when it is reachable. */
  readonly error: string | null;
  readonly budget: {
    /** Calls that could be sent at once. */
    readonly freeNow: number;
    readonly windows: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];
  };
}

export interface UpstreamProbe {
  /**
   * The state of one upstream account, with at most one call. That it cannot be reached is an answer, not an error.
   *
   * @param account name as in the caller's policy
   */
  status(account: string, context: RequestContext): Promise<UpstreamStatus>;
  /** What is left of the account's calls, without a call; null where another process keeps count. */
  callWindows(account: string): Promise<UpstreamStatus['budget']['windows'] | null>;
}

/** What the control subgraph needs of the rest. */
export interface ControlPorts {
  readonly keys: KeyAdministration;
  readonly templates: TemplateCatalog;
  readonly upstream: UpstreamProbe;
}
