import type { Delivery } from '@certfolio/reports';

/**
 * Where the files of a run lie in a folder or bucket: `expiring-soon-daily/2026-11-23/0700Z-<run id>/<file>`. The same for every
 * attempt, so a second one replaces the first; the slot is told in UTC, which no summer time makes ambiguous.
 */
export function deliveryPath({ schedule, slot, runId }: Delivery, file: string): string {
  const [day, time] = slot.toISOString().split('T') as [string, string];
  return [schedule, day, `${time.slice(0, 5).replace(':', '')}Z-${runId}`, file].map(safeStep).join('/');
}

/** Letters, digits and a few signs; a step that would lead elsewhere has no sign left that could. */
const safeStep = (step: string): string => step.replace(/[^\w.@+-]/g, '_').replace(/^\.+$/, '_');
