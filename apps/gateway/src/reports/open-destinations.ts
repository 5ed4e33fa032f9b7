import {
  HttpCaller,
  createBucketDestination,
  createChatDestination,
  createEmailDestination,
  createFolderDestination,
  createGuardedAgent,
  createWebhookDestination,
  type OutgoingSettings,
} from '@certfolio/delivery/destinations';
import type { Clock } from '@certfolio/core';
import type { Destination } from '@certfolio/reports';
import { secretFromFile, type DestinationConfiguration } from '@certfolio/runtime';

/** How long a connection to a destination may take. */
const connectTimeoutMs = 10_000;

export interface OpenDestinations {
  readonly byName: ReadonlyMap<string, Destination>;
  close(): Promise<void>;
}

/** The destinations of the configuration. Secrets are read from their files again when these change. */
export function openDestinations(
  configured: readonly DestinationConfiguration[],
  outgoing: Omit<OutgoingSettings, 'connectTimeoutMs'>,
  clock: Clock,
): OpenDestinations {
  const settings = { ...outgoing, connectTimeoutMs };
  const agent = createGuardedAgent(settings);
  const http = new HttpCaller(agent, settings);
  const secret = (path: string) => secretFromFile(path, clock);
  const open = (each: DestinationConfiguration): Destination => {
    switch (each.kind) {
      case 'folder':
        return createFolderDestination(each);
      case 'bucket':
        return createBucketDestination(
          { ...each, accessKeyId: secret(each.accessKeyIdFile), secretAccessKey: secret(each.secretAccessKeyFile) },
          http,
        );
      case 'email':
        return createEmailDestination({
          ...each,
          password: each.passwordFile === null ? null : secret(each.passwordFile),
        });
      case 'webhook':
        return createWebhookDestination({ ...each, secret: secret(each.secretFile) }, http);
      case 'slack':
      case 'teams':
        return createChatDestination({ ...each, webhookUrl: secret(each.webhookUrlFile) }, http);
    }
  };
  return { byName: new Map(configured.map((each) => [each.name, open(each)])), close: () => agent.close() };
}
