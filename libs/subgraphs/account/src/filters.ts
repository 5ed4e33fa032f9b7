import type { ApprovalRequest, BalanceAdjustment, Container, Product, UnitOrder, User } from '@certfolio/core';
import { dateTest, type DateBounds } from '@certfolio/graph-kit';
import { auditFlagsOf, type UserAuditFlag } from './user-audit.ts';

type Given<T> = { readonly [K in keyof T]?: T[K] | null } | null | undefined;
type Test<T> = (row: T) => boolean;

export type ContainerFilter = Given<{ isActive: boolean; nameContains: string }>;
export type UserFilter = Given<{
  status: string;
  role: string;
  roleId: string;
  containerId: string;
  nameContains: string;
  isServiceUser: boolean;
  lastLogin: DateBounds;
  auditFlags: readonly UserAuditFlag[];
  dormantDays: number;
  timeZone: string;
}>;
export type ProductFilter = Given<{ type: string; nameContains: string; containerId: string }>;
export type RequestFilter = Given<{
  status: readonly string[];
  type: readonly string[];
  isOpen: boolean;
  olderThanHours: number;
  containerId: string;
  containerIds: readonly string[];
  organizationIds: readonly string[];
  productNameIds: readonly string[];
  nameContains: string;
}>;
export type BalanceHistoryFilter = Given<{
  transactionDate: DateBounds;
  transactionType: readonly string[];
  containerId: string;
  timeZone: string;
}>;
export type UnitOrderFilter = Given<{
  status: readonly string[];
  unitAccountId: string;
  expirationDate: DateBounds;
  timeZone: string;
}>;

export function containerTest(filter: ContainerFilter): Test<Container> {
  return ({ name, isActive }) => isEqual(filter?.isActive, isActive) && contains(name, filter?.nameContains);
}

/** @throws BadUserInput for a date that is not of the grammar */
export function userTest(filter: UserFilter, nowMs: number): Test<User> {
  const isLastLogin = timeTest(filter?.lastLogin, filter?.timeZone, nowMs);
  const role = filter?.role?.toLowerCase();
  const wantedFlags = filter?.auditFlags ?? [];
  const auditRules = { dormantDays: filter?.dormantDays ?? 90, nowMs };
  return (user) =>
    isEqual(filter?.status, user.status) &&
    isEqual(filter?.isServiceUser, user.isServiceUser) &&
    (role === undefined || user.roles.some(({ name }) => name?.toLowerCase() === role)) &&
    (filter?.roleId == null || user.roles.some(({ id }) => String(id) === filter.roleId)) &&
    (filter?.containerId == null ||
      [user.containerId, ...user.assignedContainerIds].some((id) => String(id) === filter.containerId)) &&
    contains(fullName(user) ?? '', filter?.nameContains) &&
    isLastLogin(user.lastLogin) &&
    (wantedFlags.length === 0 || auditFlagsOf(user, auditRules).some((flag) => wantedFlags.includes(flag)));
}

export function productTest(filter: ProductFilter): Test<Product> {
  return ({ name, type, allowedContainerIds }) =>
    isEqual(filter?.type, type) &&
    contains(name, filter?.nameContains) &&
    (filter?.containerId == null ||
      allowedContainerIds === null ||
      allowedContainerIds.some((id) => String(id) === filter.containerId));
}

const openStatuses: ReadonlySet<string | null> = new Set(['submitted', 'pending']);

/** @throws BadUserInput for hours before now */
export function requestTest(filter: RequestFilter, nowMs: number): Test<ApprovalRequest> {
  const olderThanHours = filter?.olderThanHours;
  const isOldEnough = timeTest(olderThanHours == null ? null : { olderThanHours }, null, nowMs);
  return ({ status, type, date, containerId, organizationId, productNameId, commonName }) =>
    isAmong(filter?.status, status) &&
    isAmong(filter?.type, type) &&
    isEqual(filter?.isOpen, openStatuses.has(status)) &&
    isOfContainer(filter?.containerId, containerId) &&
    isAmong(filter?.containerIds, textOf(containerId)) &&
    isAmong(filter?.organizationIds, textOf(organizationId)) &&
    isAmong(filter?.productNameIds, productNameId) &&
    contains(commonName ?? '', filter?.nameContains) &&
    isOldEnough(date);
}

/** @throws BadUserInput for a date that is not of the grammar */
export function balanceHistoryTest(filter: BalanceHistoryFilter, nowMs: number): Test<BalanceAdjustment> {
  const isInTime = timeTest(filter?.transactionDate, filter?.timeZone, nowMs);
  const types = filter?.transactionType?.map((type) => type.toLowerCase());
  return ({ transactionDate, transactionType, containerId }) =>
    isAmong(types, transactionType?.toLowerCase() ?? null) &&
    isOfContainer(filter?.containerId, containerId) &&
    isInTime(transactionDate);
}

/** @throws BadUserInput for a date that is not of the grammar */
export function unitOrderTest(filter: UnitOrderFilter, nowMs: number): Test<UnitOrder> {
  const { expirationDate: bounds, timeZone } = filter ?? {};
  const expiresThen = bounds == null ? () => true : dateTest(bounds, 'date', { nowMs, zone: timeZone ?? 'UTC' });
  return ({ status, unitAccountId, expirationDate }) =>
    isAmong(filter?.status, status) &&
    (filter?.unitAccountId == null || String(unitAccountId) === filter.unitAccountId) &&
    expiresThen(expirationDate);
}

/** Null for a user without either name: the user name may be an address, which not every key may see. */
export function fullName({ firstName, lastName }: User): string | null {
  return [firstName, lastName].filter((name) => name !== null).join(' ') || null;
}

function timeTest(
  bounds: DateBounds | null | undefined,
  zone: string | null | undefined,
  nowMs: number,
): Test<string | null> {
  return bounds == null ? () => true : dateTest(bounds, 'timestamp', { nowMs, zone: zone ?? 'UTC' });
}

const isEqual = <T>(wanted: T | null | undefined, value: T | null): boolean => wanted == null || wanted === value;

const isAmong = (wanted: readonly string[] | null | undefined, value: string | null): boolean =>
  wanted == null || (value !== null && wanted.includes(value));

const textOf = (id: number | null): string | null => (id === null ? null : String(id));

const isOfContainer = (wanted: string | null | undefined, id: number | null): boolean =>
  wanted == null || String(id) === wanted;

const contains = (text: string, part: string | null | undefined): boolean =>
  part == null || text.toLowerCase().includes(part.toLowerCase());
