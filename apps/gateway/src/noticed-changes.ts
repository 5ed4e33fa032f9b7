import type { KeyStore } from '@certfolio/access';
import type { KeyAdministration } from '@certfolio/subgraph-control';

/** The process that changes a key acts on it at once; others see it within their trust in a look-up. */
export function noticedChanges(keys: KeyStore, changed: () => void): KeyAdministration {
  const noticing =
    <Given extends unknown[], T>(change: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      try {
        return await change(...given);
      } finally {
        changed();
      }
    };
  return {
    create: noticing(keys.create),
    update: noticing(keys.update),
    rotate: noticing(keys.rotate),
    adopt: noticing(keys.adopt),
    revoke: noticing(keys.revoke),
    list: keys.list,
    show: keys.show,
    secrets: keys.secrets,
  };
}
