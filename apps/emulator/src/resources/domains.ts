import { type Domain } from '../account/domains.ts';
import { validationText } from '../account/products.ts';
import { isoDay, isoInstant, mountainDay } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { listTypes, type Route } from '../http/route.ts';
import { divisionWithParent, organizationPart } from '../orders/render-parts.ts';
import { type World } from '../world.ts';

const properties: Properties<Domain> = new Map([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['name', { kind: 'text', read: ({ name }) => name }],
  ['status', { kind: 'text', read: ({ isActive }) => (isActive ? 'active' : 'inactive') }],
  ['dcv_method', { kind: 'text', read: ({ dcvMethod }) => dcvMethod }],
  ['organization_id', { kind: 'number', read: ({ organization }) => organization.id }],
  ['container_id', { kind: 'number', read: ({ organization }) => organization.divisionId }],
  ['validation', { kind: 'names', read: ({ organization }) => organization.validations.map(({ type }) => type) }],
  ['date_created', { kind: 'instant', read: ({ createdMs }) => createdMs }],
  ['search', { kind: 'text', read: ({ name }) => name }],
]);

const isApproved = ({ dcvExpiresMs }: Domain, nowMs: number) => dcvExpiresMs !== undefined && dcvExpiresMs > nowMs;

function validationsOf(domain: Domain, nowMs: number) {
  return domain.organization.validations.map(({ type, status, createdMs, validUntilMs }) => ({
    type,
    ...validationText(type),
    ...(createdMs !== undefined && { date_created: isoInstant(createdMs) }),
    ...(validUntilMs !== undefined && { validated_until: isoInstant(validUntilMs) }),
    status,
    dcv_status: isApproved(domain, nowMs) ? 'complete' : 'pending',
  }));
}

/** Days in Mountain time, or UTC instants on demand; more with the reuse filter. */
function expirationOf(domain: Domain, call: Call) {
  const { dcvExpiresMs, dcvApprovedMs } = domain;
  if (dcvExpiresMs === undefined || dcvApprovedMs === undefined) return {};
  const show = call.query.flag('include_dcv_expiration_time') ? isoInstant : mountainDay;
  const state = dcvExpiresMs > call.nowMs ? 'valid' : 'expired';
  const reuse = {
    ov_shortened: show(dcvApprovedMs + 199 * 86_400_000),
    ov_status: state,
    ev_status: state,
    dcv_approval_date: isoDay(dcvApprovedMs),
  };
  return { dcv_expiration: { ov: show(dcvExpiresMs), ev: show(dcvExpiresMs), ...(wantsReuse(call) && reuse) } };
}

function wantsReuse({ query }: Call): boolean {
  const byFilter = query.filters.some(
    ({ property, value }) => property === 'include_validation_reuse_status' && (value === 'true' || value === '1'),
  );
  return byFilter || query.flag('include_validation_reuse_status');
}

/** Sources: vendor pages "List domains" and "Domain info". */
export function domainRoutes({ account, emptyLists }: World): readonly Route[] {
  const render = (domain: Domain, call: Call) => {
    const division = account.division(domain.organization.divisionId);
    return {
      id: domain.id,
      is_active: domain.isActive,
      name: domain.name,
      date_created: isoInstant(domain.createdMs),
      ...(domain.dcvSubmittedMs !== undefined && { last_submitted_datetime: isoInstant(domain.dcvSubmittedMs) }),
      ...(domain.dcvApprovedMs !== undefined && { dcv_approval_datetime: isoInstant(domain.dcvApprovedMs) }),
      organization: organizationPart(domain.organization),
      ...((call.query.flag('include_validation') || wantsReuse(call)) && {
        validations: validationsOf(domain, call.nowMs),
      }),
      dcv_method: domain.dcvMethod,
      ...expirationOf(domain, call),
      ...(division && { container: divisionWithParent(division) }),
    };
  };

  const dcvParts = (domain: Domain) => ({
    ...(domain.dcvExpiresMs !== undefined && { dcv_expiration_datetime: isoInstant(domain.dcvExpiresMs) }),
    dcv: {
      method: domain.dcvMethod,
      name_scope: domain.name,
      ...(domain.dcvMethod === 'email' && {
        dcv_invitations: [
          {
            invitation_id: domain.id * 10,
            email: `admin@${domain.name}`,
            source: 'base',
            date_sent: isoInstant(domain.dcvSubmittedMs ?? domain.createdMs),
            name_scope: domain.name,
          },
        ],
      }),
    },
  });

  return [
    {
      method: 'GET',
      pattern: '/domain',
      types: listTypes,
      answer: (call) => {
        const divisionId = call.query.value('container_id');
        const visible = account.domains.filter(
          ({ organization }) => divisionId === undefined || organization.divisionId === Number(divisionId),
        );
        const selected = selectItems(visible, call.query, properties, call.nowMs);
        return pagedList('domains', selected, (domain) => render(domain, call), call, emptyLists);
      },
    },
    {
      method: 'GET',
      pattern: '/domain/{id}',
      answer: (call) => {
        const domain = account.domains.find(({ id }) => id === Number(call.param('id')));
        if (domain === undefined) throw notFound('domain');
        return json({
          ...render(domain, call),
          status: isApproved(domain, call.nowMs) ? 'approved' : 'pending',
          is_pending_validation: !isApproved(domain, call.nowMs),
          ...(call.query.flag('include_dcv') && dcvParts(domain)),
        });
      },
    },
  ];
}
