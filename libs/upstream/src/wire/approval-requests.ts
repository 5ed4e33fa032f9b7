import type { ApprovalRequest, ContainerId, OrderId, OrganizationId, Page } from '@certfolio/core';
import { z } from 'zod';
import { looseId, looseInteger, looseText, looseTimestamp, parseWith } from './loose.ts';
import { parsePage } from './page.ts';
import { person } from './people.ts';

const named = z.object({ id: looseInteger, name: looseText }).nullish();

const request = z.object({
  id: looseId,
  date: looseTimestamp,
  type: looseText,
  status: looseText,
  comments: looseText,
  requester: person.nullish(),
  processor: person.nullish(),
  order: z
    .object({
      id: looseInteger,
      certificate: z.object({ common_name: looseText }).nullish(),
      organization: named,
      container: named,
      product: z.object({ name_id: looseText, name: looseText }).nullish(),
    })
    .nullish(),
});

/** GET /request; its `page.limit` may be 0 and means nothing. @throws WrongShape */
export function parseRequests(body: unknown, offset: number): Page<ApprovalRequest> {
  return parsePage(body, 'requests', offset, parseRequest);
}

export function parseRequest(item: unknown): ApprovalRequest {
  const { order, ...wire } = parseWith(request, item);
  return {
    id: wire.id,
    date: wire.date,
    type: wire.type,
    status: wire.status,
    comments: wire.comments,
    requester: wire.requester ?? null,
    processor: wire.processor ?? null,
    orderId: (order?.id ?? null) as OrderId | null,
    commonName: order?.certificate?.common_name ?? null,
    organizationId: (order?.organization?.id ?? null) as OrganizationId | null,
    organizationName: order?.organization?.name ?? null,
    containerId: (order?.container?.id ?? null) as ContainerId | null,
    containerName: order?.container?.name ?? null,
    productNameId: order?.product?.name_id ?? null,
    productName: order?.product?.name ?? null,
  };
}
