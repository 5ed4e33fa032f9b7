import { createHash } from 'node:crypto';
import { encodeRequest } from '../pki/certificate-request.ts';
import { encodeCertificate } from '../pki/certificate.ts';
import { toPem } from '../pki/pem.ts';
import { type FileSpec } from './file-spec.ts';

/** What answers show of an order's files. */
export interface OrderFiles {
  /** SHA-1 over the certificate, 40 hexadecimal digits, upper case. */
  readonly thumbprint?: string;
  /** PEM. */
  readonly csr?: string;
}

/** Costs one signature per file: 0.3 ms with RSA 2048, up to 2 ms with RSA 4096. */
export function makeFiles({ certificate, request }: FileSpec): OrderFiles {
  return {
    ...(certificate && {
      thumbprint: createHash('sha1').update(encodeCertificate(certificate)).digest('hex').toUpperCase(),
    }),
    ...(request && { csr: toPem('CERTIFICATE REQUEST', encodeRequest(request)) }),
  };
}
