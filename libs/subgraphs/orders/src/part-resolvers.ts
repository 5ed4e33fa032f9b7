import { dayIn, type Clock, type Order, type OrderValidation, type RequestContext } from '@certfolio/core';
import type { Resolver } from '@certfolio/graph-kit';
import { copiesOf } from './certificates.ts';
import { liveCertificatesOf } from './live-certificates.ts';
import type { PartLoader } from './part-loader.ts';

/** Parts of an order that take calls of their own. Where a flag of the order says that there are none, none is made. */
export function orderPartResolvers(loaderOf: (context: RequestContext) => PartLoader, clock: Clock) {
  const Order: Readonly<Record<string, Resolver>> = {
    duplicates: async ({ id, hasDuplicates }: Order, _args, context) =>
      hasDuplicates === false ? [] : copiesOf('duplicate', await loaderOf(context).load('duplicates', id)),
    reissues: async ({ id, hasReissues }: Order, _args, context) =>
      hasReissues === false ? [] : copiesOf('reissue', await loaderOf(context).load('reissues', id)),
    liveCertificates: async (order: Order, _args, context) => {
      const { id, hasDuplicates, hasReissues } = order;
      const [duplicates, reissues] = await Promise.all([
        hasDuplicates === false ? [] : loaderOf(context).load('duplicates', id),
        hasReissues === false ? [] : loaderOf(context).load('reissues', id),
      ]);
      const today = dayIn('UTC', clock.nowMs());
      return duplicates === null || reissues === null ? null : liveCertificatesOf(order, duplicates, reissues, today);
    },
    requests: ({ id }: Order, _args, context) => loaderOf(context).load('requests', id),
    notes: ({ id }: Order, _args, context) => loaderOf(context).load('notes', id),
    validation: ({ id }: Order, _args, context) => loaderOf(context).load('validation', id),
  };
  return {
    Order,
    OrderValidation: {
      organization: ({ organizationId, organizationName }: OrderValidation) =>
        organizationId === null ? null : { __typename: 'Organization', id: organizationId, name: organizationName },
    },
    DnsNameValidation: {
      domain: ({ domainId }: OrderValidation['dnsNameValidations'][number]) =>
        domainId === null ? null : { __typename: 'Domain', id: domainId },
    },
  };
}
