import type { Person } from './account-entities.ts';
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
  /** Of a domain's validations: `complete`, `pending`, …; null elsewhere. */
  readonly dcvStatus: string | null;
  /** Users who may approve orders by this validation; CertCentral names them for organizations alone. */
  readonly verifiedUsers: readonly Person[];
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

export interface OrganizationContact extends Person {
  readonly jobTitle: string | null;
  readonly telephone: string | null;
  readonly telephoneExtension: string | null;
  /** `organization_contact`, `technical_contact`, …; null where CertCentral does not say. */
  readonly contactType: string | null;
}

/** The people of an organization. The list of organizations does not have them: a call each. */
export interface OrganizationContacts {
  readonly organizationContact: OrganizationContact | null;
  /** Their ids are those of contacts, not of users. */
  readonly verifiedContacts: readonly Person[];
  readonly contacts: readonly OrganizationContact[];
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
  /** End of the reuse under the shorter limit that certificates are coming under. */
  readonly dcvExpiresOvShortened: Timestamp | null;
  /** Where the reuse of the validation stands, for OV and EV certificates; the vocabulary is open. */
  readonly dcvStatusOv: string | null;
  readonly dcvStatusEv: string | null;
  readonly validations: readonly Validation[];
}
