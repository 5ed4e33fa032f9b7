export { createAccountReader } from './account-reader.ts';
export { namesThatCover } from './conditions.ts';
export { createFreshOrderReader, type FreshOrderReaderOptions } from './fresh-order-reader.ts';
export { createFreshPartReader, type FreshPartReaderOptions } from './fresh-part-reader.ts';
export { KeptLists, type KeptListsOptions } from './kept-lists.ts';
export { createLiveFacts, createLiveLists } from './live-lists.ts';
export {
  createLiveOrderReader,
  type ExpectedRead,
  type LiveOrderReaderOptions,
  type PlanningOrderReader,
} from './live-order-reader.ts';
export { createLivePartReader } from './live-part-reader.ts';
export { positionOf } from './ordering.ts';
export { createDomainReader, createLiveContactReader, createOrganizationReader } from './organization-reader.ts';
export { writingBackOrders, writingBackParts, type WriteBackOptions } from './write-back.ts';
