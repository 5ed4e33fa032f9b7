import { describe, expect, it } from '@jest/globals';
import { factsOf, fieldOfCustomName, fieldsFrom, orderFields } from './order-fields.ts';

const words = (text: string) => text.trim().split(/\s+/);

/** Fields of `order_details` (dev.digicert.com, Custom Reports API; those late in the alphabet after the order report's columns). */
const customReportsFields = words(`
  account_id additional_emails agreement_id auto_renew ca_cert_id certificate_tracker_id common_name
  contacts_email container_id container_name cost csr custom_renewal_message customer_order_id date_created
  dcv_method disable_issuance_email disable_renewal_notifications dns_names email has_duplicates id
  is_out_of_contract is_renewed issuing_ca locale metadata organization_address_1 organization_address_2
  organization_city organization_country organization_id organization_name organization_state organization_unit
  pay_type plus_feature product_id product_name product_name_id product_type purchased_dns_names receipt_id
  renewed_order_id serial_number server_type signature_hash status tech_email tech_first_name tech_last_name
  tech_telephone tech_title thumbprint user_assignments user_email user_first_name user_id user_last_name
  valid_from valid_till validity_years
`);

/** Columns of GET /report/order in their order (dev.digicert.com, Services API, Order report). */
const orderReportColumns = words(`
  order_id customer_order_id date_created container_id container_name status user_id organization_id
  organization_name organization_address_1 organization_address_2 organization_city organization_state
  organization_country organization_unit tech_first_name tech_last_name tech_email tech_title tech_telephone
  server_type issuing_ca agreement_id validity_years signature_hash dcv_method common_name plus_feature
  dns_names product_id product_name_id product_name product_type email csr valid_from valid_till
  certificate_tracker_id is_renewed renewed_order_id receipt_id disable_issuance_email pay_type
  is_out_of_contract disable_renewal_notifications additional_emails auto_renew custom_renewal_message
  thumbprint serial_number account_id user_first_name user_last_name user_email user_assignments cost metadata
  has_duplicates
`);

/** What an item of GET /order/certificate gives of them (dev.digicert.com, Services API, List orders). */
const listFields = words(`
  certificate_tracker_id common_name container_id container_name cost date_created disable_renewal_notifications
  dns_names has_duplicates id is_renewed organization_id organization_name product_name product_name_id
  product_type serial_number signature_hash status valid_from valid_till validity_years
`);

const customNamesFrom = (source: Parameters<typeof fieldsFrom>[0]) =>
  [...fieldsFrom(source)].flatMap((field) => factsOf(field).customName ?? []).sort();

describe('fields of an order', () => {
  it('have exactly the 62 names of Custom Reports', () => {
    expect(customReportsFields).toHaveLength(62);
    expect([...orderFields.values()].flatMap(({ customName }) => customName ?? []).sort()).toEqual(
      [...customReportsFields].sort(),
    );
    expect(customNamesFrom('custom')).toEqual([...customReportsFields].sort());
  });

  it('come from the 58 columns of the order report, and no others', () => {
    expect(orderReportColumns).toHaveLength(58);
    const asFields = orderReportColumns.map((column) => (column === 'order_id' ? 'id' : column));
    expect(customNamesFrom('report')).toEqual(asFields.sort());
    expect([...fieldsFrom('report')].filter((field) => factsOf(field).customName === null)).toEqual(['keyAlgorithm']);
  });

  it('come from the list for 22 of the 62 names', () => {
    expect(listFields).toHaveLength(22);
    expect(customNamesFrom('list')).toEqual([...listFields].sort());
  });

  it('miss in the order report what only Custom Reports and order info give', () => {
    const missing = customReportsFields.filter((name) => !customNamesFrom('report').includes(name));
    expect(missing.sort()).toEqual(['ca_cert_id', 'contacts_email', 'locale', 'purchased_dns_names']);
  });

  it('have three fields that no JSON read of REST gives', () => {
    const rest = [...orderFields].filter(
      ([, { sources }]) => !['list', 'info', 'account', 'organizations'].some((source) => sources.has(source as never)),
    );
    expect(rest.map(([, { customName }]) => customName).sort()).toEqual(['agreement_id', 'plus_feature', 'product_id']);
  });

  it('are found by each of their names, and by the second spelling of the documentation', () => {
    expect([...fieldOfCustomName.keys()].sort()).toEqual([...customReportsFields, 'purchase_dns_names'].sort());
    expect(fieldOfCustomName.get('purchase_dns_names')).toBe(fieldOfCustomName.get('purchased_dns_names'));
    for (const name of customReportsFields) expect(factsOf(fieldOfCustomName.get(name)!).customName).toBe(name);
  });

  it('all have a source, and need a right where they hold key material, money, addresses or free text', () => {
    for (const { sources } of orderFields.values()) expect(sources.size).toBeGreaterThan(0);
    const sensitive = Object.fromEntries(
      [...orderFields].flatMap(([name, facts]) => (facts.sensitive === null ? [] : [[name, facts.sensitive]])),
    );
    expect(sensitive).toEqual({
      additionalEmails: 'email',
      contactsEmail: 'email',
      cost: 'cost',
      csr: 'csr',
      currency: 'cost',
      customFields: 'customFields',
      email: 'email',
      techEmail: 'email',
      userAssignments: 'email',
      userEmail: 'email',
    });
  });

  it('are typed as their values are: flags, money, days and instants by name', () => {
    const kindsOf = (kind: string) => [...orderFields].filter(([, facts]) => facts.kind === kind).map(([name]) => name);
    expect(kindsOf('date')).toEqual(['orderValidTill', 'validFrom', 'validTill']);
    expect(kindsOf('timestamp')).toEqual(['dateCreated', 'dateIssued']);
    expect(kindsOf('decimal')).toEqual(['cost']);
    expect(kindsOf('texts')).toEqual(['additionalEmails', 'dnsNames', 'organizationUnit', 'userAssignments']);
  });

  it('throws for a name that is none', () => {
    expect(() => factsOf('toString' as never)).toThrow(TypeError);
  });
});
