/** Columns of the order report, in their order (dev.digicert.com, Services API, Order report; ADR 0004). */
export const reportColumns: readonly string[] = `
order_id customer_order_id date_created container_id container_name status user_id organization_id organization_name
organization_address_1 organization_address_2 organization_city organization_state organization_country organization_unit
tech_first_name tech_last_name tech_email tech_title tech_telephone server_type issuing_ca agreement_id validity_years
signature_hash dcv_method common_name plus_feature dns_names product_id product_name_id product_name product_type email csr
valid_from valid_till certificate_tracker_id is_renewed renewed_order_id receipt_id disable_issuance_email pay_type
is_out_of_contract disable_renewal_notifications additional_emails auto_renew custom_renewal_message thumbprint serial_number
account_id user_first_name user_last_name user_email user_assignments cost metadata has_duplicates`
  .trim()
  .split(/\s+/);

export interface HeaderComparison {
  /** Most of its names are known; else it may be a row, whose values are not shown. */
  readonly isHeader: boolean;
  readonly missing: readonly string[];
  /** Names of columns that are not documented. */
  readonly unknown: readonly string[];
  /** The known columns come in the documented order. */
  readonly isInOrder: boolean;
}

export function compareHeader(header: readonly string[]): HeaderComparison {
  const names = header.map((name) => name.trim());
  const known = names.filter((name) => reportColumns.includes(name));
  const isHeader = known.length >= reportColumns.length / 2;
  return {
    isHeader,
    missing: reportColumns.filter((name) => !names.includes(name)),
    unknown: isHeader ? names.filter((name) => !reportColumns.includes(name)).map(shown) : [],
    isInOrder: known.every(
      (name, at) => at === 0 || reportColumns.indexOf(known[at - 1]!) < reportColumns.indexOf(name),
    ),
  };
}

const shown = (name: string) => (/^[a-z][a-z0-9_]{0,39}$/.test(name) ? name : '(other)');
