import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

export interface TemplatesConfiguration {
  /** `other-key`: a template is approved by another key than the one that wrote its text. */
  readonly review: 'same-key-allowed' | 'other-key';
}

const members = {
  review: z
    .enum(['same-key-allowed', 'other-key'], 'must be "same-key-allowed" or "other-key"')
    .default('same-key-allowed'),
};

export const defaultTemplates: TemplatesConfiguration = z.object(members).parse({});

/** The section `templates`; undefined when something in it is wrong. */
export function readTemplates(value: unknown, reader: ConfigReader): TemplatesConfiguration | undefined {
  return reader.object(value, members, ['templates']);
}
