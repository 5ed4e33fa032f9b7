import { DAY_MS } from '../dates.ts';
import { type Organization } from './organizations.ts';
import { randomFor } from './random.ts';

export const dcvMethods = ['email', 'dns-cname-token', 'dns-txt-token', 'http-token', 'http-token-static'] as const;
export type DcvMethod = (typeof dcvMethods)[number];

/** Source: vendor pages "List domains", "Domain info". */
export interface Domain {
  readonly id: number;
  readonly name: string;
  readonly isActive: boolean;
  readonly organization: Organization;
  readonly createdMs: number;
  readonly dcvMethod: DcvMethod;
  /** Missing while control of the domain was never shown. */
  readonly dcvSubmittedMs?: number;
  readonly dcvApprovedMs?: number;
  readonly dcvExpiresMs?: number;
}

const DCV_DAYS = 397;

export function makeDomains(seed: number, anchorMs: number, organizations: readonly Organization[]): readonly Domain[] {
  const owned = organizations.flatMap((organization) =>
    organization.domainNames.flatMap((name) => [
      { name, organization },
      { name: `int.${name}`, organization },
    ]),
  );
  return owned.map(({ name, organization }, position) => {
    const random = randomFor(seed, 'domain', position);
    const createdMs = anchorMs - (400 + random.int(900)) * DAY_MS + random.int(80_000) * 1_000;
    const dcvSubmittedMs = anchorMs - random.int(420) * DAY_MS + random.int(40_000) * 1_000 - DAY_MS;
    const dcvApprovedMs = dcvSubmittedMs + 300_000;
    const isApproved = random.chance(0.9);
    return {
      id: 2001 + position,
      name,
      isActive: organization.status === 'active' && random.chance(0.95),
      organization,
      createdMs,
      dcvMethod: random.pick(dcvMethods),
      ...(isApproved && { dcvSubmittedMs, dcvApprovedMs, dcvExpiresMs: dcvApprovedMs + DCV_DAYS * DAY_MS }),
    };
  });
}
