declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type OrderId = Brand<number, 'OrderId'>;
export type OrganizationId = Brand<number, 'OrganizationId'>;
/** A division. CertCentral calls it a container. */
export type ContainerId = Brand<number, 'ContainerId'>;
export type DomainId = Brand<number, 'DomainId'>;

/** `yyyy-MM-dd`, a day without a zone. Text order is time order. */
export type CalendarDate = Brand<string, 'CalendarDate'>;
/** `yyyy-MM-ddTHH:mm:ssZ`, an instant in UTC to the second. Text order is time order. */
export type Timestamp = Brand<string, 'Timestamp'>;
/** A decimal with two places, for example `238.00`; money is never a float. */
export type Decimal = Brand<string, 'Decimal'>;

export const orderId = (value: number): OrderId => value as OrderId;
export const organizationId = (value: number): OrganizationId => value as OrganizationId;
export const containerId = (value: number): ContainerId => value as ContainerId;
export const domainId = (value: number): DomainId => value as DomainId;
