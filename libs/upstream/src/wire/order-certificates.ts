import type { OrderCertificate } from '@certfolio/core';
import { z } from 'zod';
import {
  looseDate,
  looseFlag,
  looseId,
  looseInteger,
  looseText,
  looseTexts,
  looseTimestamp,
  looseUpperText,
  parseWith,
} from './loose.ts';
import { parseList } from './page.ts';
import { otherNames } from './values.ts';

const certificate = z.object({
  id: looseId,
  thumbprint: looseUpperText,
  serial_number: looseUpperText,
  common_name: looseText,
  dns_names: looseTexts,
  status: looseText,
  date_created: looseTimestamp,
  date_issued: looseTimestamp,
  valid_from: looseDate,
  valid_till: looseDate,
  csr: looseText,
  signature_hash: looseText,
  key_size: looseInteger,
  archived: looseFlag, // "0" in duplicates, 0 in reissues
  user_id: looseInteger,
  firstname: looseText,
  lastname: looseText,
  email: looseText,
  receipt_id: looseInteger,
  purchased_dns_names: looseInteger,
});

/** GET /order/certificate/{order_id}/duplicate and …/reissue. @throws WrongShape */
export function parseOrderCertificates(body: unknown): readonly OrderCertificate[] {
  return parseList(body, 'certificates', (item) => {
    const wire = parseWith(certificate, item);
    return {
      id: wire.id,
      thumbprint: wire.thumbprint,
      serialNumber: wire.serial_number,
      commonName: wire.common_name,
      dnsNames: wire.dns_names.length === 0 ? null : otherNames(wire.dns_names, wire.common_name),
      status: wire.status,
      dateCreated: wire.date_created,
      dateIssued: wire.date_issued,
      validFrom: wire.valid_from,
      validTill: wire.valid_till,
      csr: wire.csr,
      signatureHash: wire.signature_hash,
      keySize: wire.key_size,
      isArchived: wire.archived ?? false,
      userId: wire.user_id,
      userFirstName: wire.firstname,
      userLastName: wire.lastname,
      userEmail: wire.email,
      receiptId: wire.receipt_id,
      purchasedDnsNames: wire.purchased_dns_names,
      restDocument: JSON.stringify(item),
    };
  });
}
