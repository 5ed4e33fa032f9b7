import { customFields } from '../account/custom-fields.ts';
import { ROOT_DIVISION_ID } from '../account/divisions.ts';
import { json } from '../http/answer.ts';
import { type Route } from '../http/route.ts';
import { type World } from '../world.ts';

/** The account and its custom fields. Sources: a recorded answer of `/account`, vendor page "List custom fields". */
export function accountRoutes({ account }: World): readonly Route[] {
  const [primary] = account.organizations;
  return [
    {
      method: 'GET',
      pattern: '/account',
      answer: () =>
        json({
          id: account.id,
          primary_organization_id: primary?.id,
          primary_organization_name: primary?.name,
          primary_organization_country: primary?.country,
          make_renewal_calls: true,
          express_install_enabled: false,
          display_rep: true,
          rep_photo_id: 0,
          balance_negative_limit: 0,
          root_container_id: ROOT_DIVISION_ID,
          cert_transparency: 'embed',
          cert_central_type: 'enterprise',
          billing_account_id: account.id,
          billing_account_name: primary?.name,
          language_id: 1,
          migrated: false,
          has_auth_key: false,
          client_mgr_photo_id: 0,
          ent_support_plan: '1',
          default_country: primary?.country,
          admin_email: 'pki@meridian.test,noc@meridian.test',
        }),
    },
    {
      method: 'GET',
      pattern: '/account/metadata',
      answer: () =>
        json({
          metadata: customFields.map(({ id, label, isRequired, isActive, dataType }) => ({
            id,
            label,
            is_required: isRequired,
            is_active: isActive,
            ...(dataType !== undefined && { data_type: dataType }),
          })),
        }),
    },
  ];
}
