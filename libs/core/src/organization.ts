import type { ContainerId, DomainId, OrganizationId, Timestamp } from './ids.ts';

export interface Validation {
  /** `ov`, `ev`, `cs`, …; the vocabulary is open. */
  readonly type: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly dateCreated: Timestamp | null;
  readonly validatedUntil: Timestamp | null;
  /** `active`, `pending`, `expired`, … */
  readonly status: string | null;
}

export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  readonly assumedName: string | null;
  readonly displayName: string | null;
  readonly status: string | null;
  readonly isActive: boolean;
  readonly address: string | null;
  readonly address2: string | null;
  readonly zip: string | null;
  readonly city: string | null;
  readonly state: string | null;
  /** Two letters, lower case. */
  readonly country: string | null;
  readonly telephone: string | null;
  readonly containerId: ContainerId | null;
  readonly containerName: string | null;
  /** Divisions that may use the organization beside its own. */
  readonly assignedContainerIds: readonly ContainerId[];
  readonly validations: readonly Validation[];
}

export interface Domain {
  readonly id: DomainId;
  readonly name: string;
  readonly isActive: boolean;
  readonly dateCreated: Timestamp | null;
  readonly organizationId: OrganizationId | null;
  readonly organizationName: string | null;
  readonly containerId: ContainerId | null;
  readonly containerName: string | null;
  readonly dcvMethod: string | null;
  readonly dcvApprovedAt: Timestamp | null;
  /** End of the domain validation's reuse for OV and EV certificates. */
  readonly dcvExpiresOv: Timestamp | null;
  readonly dcvExpiresEv: Timestamp | null;
  readonly validations: readonly Validation[];
}
