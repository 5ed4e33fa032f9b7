import { sql, type Kysely } from 'kysely';

/**
 * The mirror of upstream accounts. Days and instants are text in the form of `CalendarDate` and `Timestamp`, compared byte by byte:
 * text order is time order, and what is read is what was written.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One row per account that was ever mirrored; `version` grows with every change of its data.
  await sql`
    create table mirrors (
      upstream_id integer primary key references upstreams on delete cascade,
      version bigint not null default 0,
      upstream_total integer,
      counted_at timestamptz
    )`.execute(db);

  // Which account a key was seen to belong to, so that a start without CertCentral finds the mirror of that key and of no other.
  await sql`
    create table upstream_keys (
      sha256 bytea primary key check (length(sha256) = 32),
      upstream_id integer not null references upstreams on delete cascade,
      proven_at timestamptz not null
    )`.execute(db);
  await sql`comment on column upstream_keys.sha256 is 'of the base URL, a line end, and the key'`.execute(db);

  // How far and how young each group of fields and each list is.
  await sql`
    create table mirror_groups (
      upstream_id integer not null references mirrors on delete cascade,
      name text not null,
      as_of timestamptz,
      is_complete boolean not null default false,
      took_ms integer,
      progress jsonb,
      primary key (upstream_id, name)
    )`.execute(db);
  await sql`comment on column mirror_groups.as_of is 'all rows are at least as young'`.execute(db);
  await sql`comment on column mirror_groups.progress is 'where a fill that is under way goes on after a restart'`.execute(
    db,
  );

  await sql`
    create table mirror_orders (
      upstream_id integer not null references mirrors on delete cascade,
      id bigint not null,

      account_id bigint,
      additional_emails text[],
      agreement_id bigint,
      auto_renew boolean,
      ca_cert_id text collate "C",
      certificate_id bigint,
      common_name text collate "C",
      contacts_email text collate "C",
      container_id bigint,
      container_name text collate "C",
      cost numeric(20, 2),
      csr text collate "C",
      currency text collate "C",
      custom_fields jsonb,
      custom_renewal_message text collate "C",
      customer_order_id text collate "C",
      date_created text collate "C",
      date_issued text collate "C",
      dcv_method text collate "C",
      disable_issuance_email boolean,
      disable_renewal_notifications boolean,
      dns_names text[],
      email text collate "C",
      has_duplicates boolean,
      has_reissues boolean,
      is_out_of_contract boolean,
      is_renewal boolean,
      is_renewed boolean,
      issuing_ca text collate "C",
      key_algorithm text collate "C",
      key_size bigint,
      locale text collate "C",
      order_valid_till text collate "C",
      organization_address1 text collate "C",
      organization_address2 text collate "C",
      organization_city text collate "C",
      organization_country text collate "C",
      organization_id bigint,
      organization_name text collate "C",
      organization_state text collate "C",
      organization_unit text[],
      pay_type text collate "C",
      plus_feature boolean,
      product_id bigint,
      product_name text collate "C",
      product_name_id text collate "C",
      product_type text collate "C",
      purchased_dns_names bigint,
      receipt_id bigint,
      renewal_of_order_id bigint,
      renewed_order_id bigint,
      serial_number text collate "C",
      server_type bigint,
      signature_hash text collate "C",
      status text collate "C",
      tech_email text collate "C",
      tech_first_name text collate "C",
      tech_last_name text collate "C",
      tech_telephone text collate "C",
      tech_title text collate "C",
      thumbprint text collate "C",
      user_assignments text[],
      user_email text collate "C",
      user_first_name text collate "C",
      user_id bigint,
      user_last_name text collate "C",
      valid_from text collate "C",
      valid_till text collate "C",
      validity_years bigint,

      names text[] not null default '{}',
      wildcard_names text[] not null default '{}',
      base_domains text[] not null default '{}',

      requests jsonb,
      notes jsonb,

      row_hash bytea,
      first_seen_at timestamptz not null,
      changed_at timestamptz not null,
      info_at timestamptz,
      duplicates_at timestamptz,
      reissues_at timestamptz,
      vanished_at timestamptz,
      primary key (upstream_id, id)
    )`.execute(db);
  const comments: readonly (readonly [string, string])[] = [
    ['names', 'common name and other names in lower case'],
    ['wildcard_names', 'those of the names that begin with *.'],
    ['base_domains', 'the registrable domains of the names'],
    [
      'row_hash',
      'half a SHA-256 of the fields of the order report, half a one of those that only Custom Reports has; null when one of them was written since',
    ],
    ['info_at', 'when order info was read last since the row changed; null: has to be read'],
    ['duplicates_at', 'when the duplicates were read last since the row changed; null: have to be read'],
    ['reissues_at', 'when the reissues were read last since the row changed; null: have to be read'],
    ['vanished_at', 'CertCentral does not list the order any more'],
  ];
  for (const [column, comment] of comments)
    await sql`comment on column mirror_orders.${sql.ref(column)} is ${sql.lit(comment)}`.execute(db);
  const indexes: readonly (readonly [string, string])[] = [
    ['valid_till', '(upstream_id, valid_till, id) where vanished_at is null'],
    ['date_created', '(upstream_id, date_created, id) where vanished_at is null'],
    ['status', '(upstream_id, status, id) where vanished_at is null'],
    ['container_id', '(upstream_id, container_id, id) where vanished_at is null'],
    ['serial_number', `(upstream_id, ltrim(upper(serial_number), '0'))`],
    ['thumbprint', `(upstream_id, ltrim(upper(thumbprint), '0'))`],
    ['info_missing', '(upstream_id, id) where info_at is null and vanished_at is null'],
    ['duplicates_missing', '(upstream_id, id) where duplicates_at is null and vanished_at is null'],
    ['reissues_missing', '(upstream_id, id) where reissues_at is null and vanished_at is null'],
  ];
  for (const [name, on] of indexes)
    await sql`create index ${sql.ref(`mirror_orders_${name}`)} on mirror_orders ${sql.raw(on)}`.execute(db);
  await sql`create index mirror_orders_names on mirror_orders using gin (names)`.execute(db);

  await sql`
    create table mirror_certificates (
      upstream_id integer not null,
      order_id bigint not null,
      kind text not null check (kind in ('duplicate', 'reissue')),
      certificate_id bigint not null,
      place integer not null,
      serial_number text collate "C",
      thumbprint text collate "C",
      certificate jsonb not null,
      primary key (upstream_id, order_id, kind, certificate_id),
      foreign key (upstream_id, order_id) references mirror_orders on delete cascade
    )`.execute(db);
  await sql`comment on column mirror_certificates.place is 'position in CertCentral''s list'`.execute(db);
  // As they are looked up: case and leading zeros do not count.
  for (const name of ['serial_number', 'thumbprint'])
    await sql`create index ${sql.ref(`mirror_certificates_${name}`)} on mirror_certificates (upstream_id, ltrim(upper(${sql.ref(name)}), '0'))`.execute(
      db,
    );

  await sql`
    create table mirror_history (
      id bigint generated always as identity primary key,
      upstream_id integer not null references mirrors on delete cascade,
      order_id bigint not null,
      change text not null check (change in ('added', 'changed', 'removed', 'returned')),
      field text,
      before jsonb,
      after jsonb,
      seen_at timestamptz not null
    )`.execute(db);
  await sql`comment on column mirror_history.field is 'name of the field in the graph; null unless a field changed'`.execute(
    db,
  );
  await sql`create index mirror_history_seen_at on mirror_history (upstream_id, seen_at)`.execute(db);
  await sql`create index mirror_history_order on mirror_history (upstream_id, order_id, seen_at)`.execute(db);
  await sql`create index mirror_history_revoked on mirror_history (upstream_id, order_id) where field = 'status' and after = '"revoked"'`.execute(
    db,
  );

  await sql`
    create table mirror_lists (
      upstream_id integer not null references mirrors on delete cascade,
      name text not null,
      items jsonb not null,
      as_of timestamptz not null,
      primary key (upstream_id, name)
    )`.execute(db);
}
