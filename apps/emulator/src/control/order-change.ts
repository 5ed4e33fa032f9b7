import { z } from 'zod';
import { type Account } from '../account/account.ts';
import { customFields } from '../account/custom-fields.ts';
import { dcvMethods } from '../account/domains.ts';
import { issuingCaList } from '../account/issuing-cas.ts';
import { type Contact } from '../account/organizations.ts';
import { findProduct } from '../account/products.ts';
import { serverPlatforms } from '../account/server-platforms.ts';
import { parseDate } from '../dates.ts';
import { orderStatuses, paymentMethods } from '../orders/order.ts';
import { testKeys } from '../pki/test-keys.ts';

/** Known things are given by id, as in order info; their other members are accepted and ignored. */
function reference<T>(name: string, find: (id: number | string) => T | undefined) {
  return z.object({ id: z.union([z.number(), z.string()]) }).transform(({ id }, context) => {
    const found = find(id);
    if (found !== undefined) return found;
    context.issues.push({ code: 'custom', message: `There is no ${name} ${id}.`, input: id });
    return z.NEVER;
  });
}

const day = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseDate(text) !== undefined,
    'Not a date of the form yyyy-MM-dd.',
  );

const instant = z.string().transform((text, context) => {
  const atMs = parseDate(text)?.atMs ?? Date.parse(text);
  if (!Number.isNaN(atMs)) return atMs;
  context.issues.push({ code: 'custom', message: 'Not a date.', input: text });
  return z.NEVER;
});

const flag = z.union([z.boolean(), z.literal([0, 1]).transform((value) => value === 1)]);
const count = z.int().min(0);
const validity = z.union([
  z.strictObject({ years: count }),
  z.strictObject({ days: count }),
  z.strictObject({ custom_expiration_date: day }),
]);

const contact = z
  .object({
    first_name: z.string(),
    last_name: z.string(),
    email: z.string(),
    job_title: z.string().optional(),
    telephone: z.string().optional(),
    telephone_extension: z.string().optional(),
  })
  .transform((given): Contact => ({
    id: 0,
    firstName: given.first_name,
    lastName: given.last_name,
    email: given.email,
    ...(given.job_title !== undefined && { jobTitle: given.job_title }),
    ...(given.telephone !== undefined && { telephone: given.telephone }),
    ...(given.telephone_extension !== undefined && { telephoneExtension: given.telephone_extension }),
  }));

/**
 * A change to an order in the words of order info. What is computed cannot be set (thumbprint, CSR, days remaining, …):
 * such members, and unknown ones, are refused by name. `null` takes an optional value away.
 */
export function createOrderChangeSchema(account: Account) {
  const user = reference('user', (id) => account.user(Number(id)));
  const certificate = z.strictObject({
    id: z.int().positive(),
    common_name: z.string().min(1),
    dns_names: z.array(z.string().min(1)),
    emails: z.array(z.string()),
    serial_number: z
      .string()
      .regex(
        /^[0-7][0-9A-F](?:[0-9A-F]{2}){0,19}$/,
        'Not an even number of upper-case hexadecimal digits of a positive number.',
      ),
    date_issued: instant,
    valid_from: day,
    valid_till: day,
    cert_validity: validity,
    organization_units: z.array(z.string()),
    signature_hash: z.enum(['sha1', 'sha256', 'sha384', 'sha512']),
    key_size: z.literal([...new Set(testKeys.map(({ bits }) => bits))]),
    server_platform: reference('server platform', (id) => serverPlatforms.find((platform) => platform.id === id)),
    ca_cert: reference('issuing CA', (id) => issuingCaList.find((ca) => ca.id === id)),
  });

  return z
    .strictObject({
      id: z.int().min(1).max(999_999_999),
      status: z.enum(orderStatuses),
      certificate: certificate.partial(),
      is_renewed: flag,
      renewed_order_id: count,
      renewal_of_order_id: count.nullable(),
      date_created: instant,
      order_valid_till: day.nullable(),
      order_validity: validity,
      validity_years: count,
      is_multi_year_plan: z.literal(['1']).nullable(),
      organization: reference('organization', (id) => account.organization(Number(id))).nullable(),
      organization_contact: contact.nullable(),
      technical_contact: contact.nullable(),
      container: reference('container', (id) => account.division(Number(id))),
      product: z.object({ name_id: z.string() }).transform(({ name_id: nameId }, context) => {
        const found = findProduct(nameId);
        if (found !== undefined) return found;
        context.issues.push({ code: 'custom', message: `There is no product ${nameId}.`, input: nameId });
        return z.NEVER;
      }),
      user,
      user_assignments: z.array(user),
      approver: user.nullable(),
      additional_emails: z.array(z.string()),
      custom_fields: z.array(
        z
          .object({ metadata_id: z.literal(customFields.map(({ id }) => id)), value: z.string() })
          .transform(({ metadata_id: id, value }) => ({ id, value })),
      ),
      notes: z.array(z.object({ id: z.int(), text: z.string() })),
      price: z.number().nullable(),
      currency: z.string(),
      payment_method: z.enum(paymentMethods).nullable(),
      receipt_id: z.int().nullable(),
      auto_renew: flag,
      auto_reissue: flag,
      disable_renewal_notifications: flag,
      disable_issuance_email: flag,
      disable_ct: flag,
      allow_duplicates: flag,
      is_out_of_contract: flag,
      is_guest_access_enabled: flag,
      duplicates_count: z.int().min(0).max(4),
      reissues_count: z.int().min(0).max(3),
      dcv_method: z.enum(dcvMethods).nullable(),
      alternative_order_id: z.string().nullable(),
      custom_renewal_message: z.string().nullable(),
      locale: z.string().nullable(),
    })
    .partial();
}

export type OrderChange = z.output<ReturnType<typeof createOrderChangeSchema>>;
