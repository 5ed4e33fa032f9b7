import { isCalendarDate } from '@certfolio/core';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { isTemplateName, templateNameRule } from './template-name.ts';
import { columnTypes, templateStates } from './template.ts';
import { at, type TemplateProblem } from './template-problem.ts';

const line = z.string().trim().min(1);
const words = z.string().min(1);
/** Response keys joined by dots. */
const path = z
  .string()
  .regex(/^[_A-Za-z]\w*(\.[_A-Za-z]\w*)*$/, 'write response keys joined by dots, such as "orders.nodes"')
  .transform((text) => text.split('.'));
const variableName = z.string().regex(/^[_A-Za-z]\w*$/, 'write the name of a variable without "$"');
const day = z.string().refine(isCalendarDate, 'write a day such as "2026-11-23"');
const bound = z.union([z.number(), line]);

const variable = z.strictObject({
  description: words.optional(),
  type: line.optional(),
  default: z.unknown().optional(),
  min: bound.optional(),
  max: bound.optional(),
  values: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional(),
  dateExpression: z.boolean().optional(),
});

const metadata = z.strictObject({
  name: z.string().refine(isTemplateName, `a name is ${templateNameRule}`),
  version: z.int().min(1),
  state: z.enum(templateStates),
  title: line,
  question: line,
  owner: line,
  tags: z.array(line).default([]),
  description: words.optional(),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'write the SHA-256 of the .graphql file, 64 lower-case hex digits')
    .optional(),
  variables: z
    .record(
      variableName,
      variable.nullable().transform((value) => value ?? {}),
    )
    .default({}),
  oneOf: z.array(variableName).min(2).optional(),
  rows: path,
  paging: z
    .strictObject({
      first: variableName,
      after: variableName,
      pageInfo: path,
      pageSize: z.int().min(1).max(1_000).default(1_000),
    })
    .optional(),
  columns: z
    .array(z.strictObject({ path, title: line.optional(), type: z.enum(columnTypes).optional() }))
    .min(1)
    .optional(),
  sensitive: z.array(z.enum(['csr', 'cost', 'email', 'customFields'])).default([]),
  freshness: z.strictObject({ maxAge: z.int().min(0) }).optional(),
  schedule: words.optional(),
  picture: words.optional(),
  chart: z
    .strictObject({
      kind: z.enum(['bars', 'line']).default('bars'),
      by: line,
      unit: z.enum(['day', 'week', 'month']).optional(),
      series: line.optional(),
      value: line.optional(),
    })
    .optional(),
  calendar: z
    .strictObject({
      date: line,
      summary: line,
      key: z.array(line).min(1),
      alarmDays: z.array(z.int().min(0).max(365)).max(10).default([30, 7, 1]),
    })
    .optional(),
  deprecation: z.strictObject({ note: line.optional(), sunset: day.optional() }).optional(),
  retiredAt: day.optional(),
});

/** What a `.yaml` file says, before it is held against the document. */
export type TemplateMetadata = z.output<typeof metadata>;
export type VariableMetadata = z.output<typeof variable>;

/** Reads a `.yaml` file; null with the problems when it does not say what a template needs. */
export function parseTemplateMetadata(
  text: string,
  file: string,
): { metadata: TemplateMetadata | null; problems: TemplateProblem[] } {
  if (text.includes('\0'))
    return { metadata: null, problems: [at(file, '', 'The file has a NUL character.', 'Remove it.')] };
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) =>
      at(file, `line ${error.linePos?.[0].line ?? 1}`, firstLine(error.message), 'Correct the YAML.'),
    );
    return { metadata: null, problems };
  }
  const read = readValue(() => document.toJS({ maxAliasCount: 50 }) as unknown);
  if (read === null)
    return { metadata: null, problems: [at(file, '', 'The YAML cannot be read.', 'Write it without anchors.')] };

  const parsed = metadata.safeParse(read.value);
  if (parsed.success) return { metadata: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => {
    const where = issue.path.map(String).join('.');
    return at(file, where, sentence(issue.message), `Correct ${where === '' ? 'the file' : `"${where}"`}.`);
  });
  return { metadata: null, problems };
}

function readValue(read: () => unknown): { readonly value: unknown } | null {
  try {
    return { value: read() };
  } catch {
    return null;
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
