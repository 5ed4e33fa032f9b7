import { ToldBadge } from './told-badge.tsx';

const colors = new Map([
  ['ACTIVE', 'green'],
  ['APPROVED', 'green'],
  ['DELIVERED', 'green'],
  ['SERVED', 'green'],
  ['RUNNING', 'blue'],
  ['QUEUED', 'blue'],
  ['RAMPING', 'blue'],
  ['SHADOWED', 'blue'],
  ['PAUSED', 'orange'],
  ['SKIPPED', 'orange'],
  ['DEPRECATED', 'orange'],
  ['SUNSET', 'orange'],
  ['FAILED', 'red'],
  ['REVOKED', 'red'],
  ['EXPIRED', 'red'],
  ['GONE', 'red'],
]);

/** `NOTHING_TO_SEND` as "nothing to send". */
export const StateBadge = ({ state }: { readonly state: string }) => (
  <ToldBadge words={state.toLowerCase().replaceAll('_', ' ')} color={colors.get(state) ?? 'gray'} />
);
