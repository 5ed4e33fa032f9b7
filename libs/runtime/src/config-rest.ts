import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** The REST façade at `/services/v2/*`. */
export interface RestConfiguration {
  /** Of a call's body, which streams on to CertCentral. */
  readonly bodyBytes: number;
  /** A page that tells callers of the end of routes, for the `Link` of those that are going; null for none. */
  readonly infoUrl: string | null;
}

const mustBytes = 'must be a whole number of bytes, 1024 to 1073741824';
const mustUrl = 'must be an address that begins with https:// or http://';
const members = {
  bodyBytes: z.int(mustBytes).min(1_024, mustBytes).max(1_073_741_824, mustBytes).default(33_554_432),
  infoUrl: z
    .url({ protocol: /^https?$/, error: mustUrl })
    // It stands between angle brackets in a header field.
    .regex(/^[\x21-\x3b\x3d\x3f-\x7e]+$/, mustUrl)
    .nullable()
    .default(null),
};

export const defaultRest: RestConfiguration = z.object(members).parse({});

/** The section `rest`; undefined when something in it is wrong. */
export function readRest(value: unknown, reader: ConfigReader): RestConfiguration | undefined {
  return reader.object(value, members, ['rest']);
}
