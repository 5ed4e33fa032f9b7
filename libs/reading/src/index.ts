export { createLiveOrderReader, type LiveOrderReaderOptions } from './live-order-reader.ts';
export { createLiveDomainReader, createLiveOrganizationReader } from './live-organization-reader.ts';
export { namesThatCover } from './conditions.ts';
