import { type Organization } from '../account/organizations.ts';
import { type Product } from '../account/products.ts';
import { type Random } from '../account/random.ts';
import { type OrderTraits } from './order-traits.ts';

/** What a certificate is for; a renewal keeps it. */
export interface CertificateNames {
  readonly commonName: string;
  readonly otherNames: readonly string[];
  readonly emails: readonly string[];
}

const services = [
  'www',
  'api',
  'shop',
  'mail',
  'vpn',
  'login',
  'cdn',
  'intranet',
  'pay',
  'track',
  'erp',
  'wiki',
  'mobile',
  'sso',
  'db',
] as const;
const stages = ['', '', '', '-test', '-qa', '-dr', '-02'] as const;

function extraNameCount(random: Random, product: Product): number {
  const draw = random.next();
  if (product.maxExtraNames === 0 || draw < 0.35) return 0;
  if (draw < 0.9) return 1 + random.int(Math.min(4, product.maxExtraNames));
  return 1 + random.int(product.maxExtraNames);
}

function clientNames(random: Random, domain: string): CertificateNames {
  const mailbox = `${random.pick(['ada.ray', 'bo.lind', 'cy.moss', 'z.gross', 'pki'])}${random.int(900)}@${domain}`;
  return {
    commonName: mailbox,
    otherNames: [],
    emails: random.chance(0.3) ? [mailbox, `alias.${mailbox}`] : [mailbox],
  };
}

/** @param organization whose domains are used; a DV order names one of them too without showing the organization */
export function drawNames(
  random: Random,
  position: number,
  traits: OrderTraits,
  organization: Organization,
): CertificateNames {
  const domain = random.pick(organization.domainNames);
  if (traits.product.kind === 'client') return clientNames(random, domain);
  if (traits.product.kind === 'code-signing') return { commonName: organization.name, otherNames: [], emails: [] };
  const label = `${random.pick(services)}${random.pick(stages)}`;
  const host = random.chance(0.25) ? domain : `${label}-${position % 9973}.${domain}`;
  const commonName = traits.product.isWildcard ? `*.${host}` : host;
  const count = traits.extraNames ?? extraNameCount(random, traits.product);
  const otherNames = Array.from({ length: count }, (_, at) => {
    if (at === 0 && traits.product.isWildcard) return host;
    if (at === 0) return `www.${host}`;
    return at % 13 === 5 ? `xn--bcher-kva${at}.${domain}` : `${services[at % services.length]}${at}.${host}`;
  });
  return { commonName, otherNames, emails: [] };
}
