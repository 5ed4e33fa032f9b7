import type { DestinationAnswer } from './schedule-answer.ts';

/** A schedule that can be applied as it stands, sent to the first destination that has recipients of its own. */
export function exampleYaml(destinations: readonly DestinationAnswer[]): string {
  const known = destinations.find(({ recipients }) => recipients.length > 0) ?? destinations[0];
  return `- name: expiring-weekly
  template: expiring-soon # name, name@version, or id
  variables: { days: 60 }
  cron: 30 7 * * 1 # minute, hour, day of month, month, day of week
  zone: Europe/Berlin
  formats: [csv, xlsx]
  to: [${known?.name ?? 'share'}]
  condition: non_empty
`;
}
