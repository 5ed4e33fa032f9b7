import { AppError } from '@certfolio/core';
import type { Brownout, RouteState } from './rollout/route-state.ts';

/** The route is out of service, for good or until the end of a brown-out. */
export function goneError(
  { route, deadline }: RouteState,
  brownout: Brownout | null,
  successor: string | null,
  nowMs: number,
): AppError {
  const instead = successor === null ? 'There is no template in its place' : `In its place call ${successor}`;
  if (brownout === null) return new AppError('GONE', `${route} is gone. ${instead}.`);
  const last = deadline === null ? '' : `, and is gone for good from ${deadline.toISOString()} on`;
  return new AppError(
    'GONE',
    `${route} is out of service until ${brownout.to.toISOString()} as announced${last}. ${instead}.`,
    { retryAfterMs: brownout.to.getTime() - nowMs },
  );
}
