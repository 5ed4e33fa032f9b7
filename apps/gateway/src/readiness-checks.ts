import type { Insurance } from '@certfolio/access';
import type { AuditLog } from '@certfolio/audit';
import type { Pool } from '@certfolio/database';
import type { ReadinessCheck } from './gateway-parts.ts';

/** What `/readyz` looks at. */
export function readinessChecks(
  pool: Pool,
  templates: ReadinessCheck,
  insurance: Insurance | null,
  audit: AuditLog,
): readonly ReadinessCheck[] {
  return [
    {
      name: 'database',
      isRequired: true,
      check: () =>
        pool.query('select 1').then(
          () => null,
          () => 'Unreachable; keys verified lately are still accepted.',
        ),
    },
    { name: 'schema', isRequired: true, check: async () => null },
    { name: 'audit', isRequired: false, check: async () => audit.problem() },
    templates,
    ...(insurance === null
      ? []
      : [
          {
            name: 'redis',
            isRequired: false,
            check: async () =>
              insurance.state() === 'shared' ? null : 'Unreachable; limits are counted by each process alone.',
          },
        ]),
  ];
}
