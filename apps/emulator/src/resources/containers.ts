import { divisions, type Division } from '../account/divisions.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { type Route } from '../http/route.ts';
import { organizationPart } from '../orders/render-parts.ts';
import { type World } from '../world.ts';

function baseOf({ id, publicId, name, description, parentId, templateId, ekey, isActive }: Division) {
  return {
    id,
    public_id: publicId,
    name,
    ...(description !== undefined && { description }),
    parent_id: parentId,
    template_id: templateId,
    ekey,
    has_logo: false,
    is_active: isActive,
  };
}

/** The division as users embed it. */
export const userContainerPart = (division: Division) => {
  const { description: _left, ...part } = baseOf(division);
  return part;
};

/** Divisions, as a whole and as a tree; these lists have no pages. Source: vendor page "List containers". */
export function containerRoutes({ account }: World): readonly Route[] {
  const render = (division: Division) => {
    const organizations = account.organizations.filter(({ assignedDivisionIds }) =>
      assignedDivisionIds.includes(division.id),
    );
    const users = account.users.filter(({ assignedDivisionIds }) => assignedDivisionIds.includes(division.id));
    return {
      ...baseOf(division),
      ...(division.allowedDomainNames && { allowed_domain_names: division.allowedDomainNames }),
      ...(organizations.length > 0 && { organization_assignments: organizations.map(organizationPart) }),
      ...(users.length > 0 && { user_id_assignments: users.map(({ id }) => id) }),
    };
  };
  const asked = ({ param }: Call): Division => {
    const division = account.division(Number(param('id')));
    if (division === undefined) throw notFound('container');
    return division;
  };
  return [
    { method: 'GET', pattern: '/container', answer: () => json({ containers: divisions.map(render) }) },
    { method: 'GET', pattern: '/container/{id}', answer: (call) => json(render(asked(call))) },
    {
      method: 'GET',
      pattern: '/container/{id}/children',
      answer: (call) => {
        const parent = asked(call);
        return json({ containers: divisions.filter(({ parentId }) => parentId === parent.id).map(render) });
      },
    },
    {
      method: 'GET',
      pattern: '/container/{id}/parent',
      answer: (call) => {
        const parent = account.division(asked(call).parentId);
        if (parent === undefined) throw notFound('container');
        return json(render(parent));
      },
    },
  ];
}
