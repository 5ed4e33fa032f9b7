import { documentDefaults, type Paging, type Template, type TemplateVariable } from '@certfolio/templates';
import { formatRefusal, reportFormats } from './report-formats.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 of the report addresses that a key may use. */
export function openApiDocument(templates: readonly Template[], publicUrl: string): Json {
  const newest = new Map(templates.map((template) => [template.name, template]));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Certfolio reports',
      version: '1',
      description: 'Report templates by URL. Every variable of a template is a query parameter.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      contact: { name: 'The operator of this gateway', url: publicUrl },
    },
    servers: [{ url: publicUrl }],
    tags: [{ name: 'reports', description: 'Report templates' }],
    security: [{ bearer: [] }, { devkey: [] }],
    paths: Object.fromEntries(
      [...newest.values()].flatMap((template) => {
        const parameters = parametersOf(template);
        return reportFormats
          .filter(({ extension }) => formatRefusal(extension, template) === null)
          .map(({ extension, mediaType }) => [
            `/r/${template.name}.${extension}`,
            pathItem(template, parameters, extension, mediaType),
          ]);
      }),
    ),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        devkey: { type: 'apiKey', in: 'header', name: 'X-DC-DEVKEY' },
      },
      schemas: { Refusal: refusalSchema },
      responses: {
        Refusal: {
          description: 'A refusal with a code',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
        },
      },
    },
  };
}

/** Without a value for these all rows come. */
const pagingVariables = ({ first, after }: Paging) => [first, after];

const refusalSchema: Json = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message'],
        properties: {
          message: { type: 'string' },
          extensions: { type: 'object', properties: { code: { type: 'string' } } },
        },
      },
    },
  },
};

function pathItem(template: Template, parameters: readonly Json[], extension: string, mediaType: string): Json {
  const refused = { $ref: '#/components/responses/Refusal' };
  return {
    get: {
      operationId: `${template.name}-${extension}`,
      tags: ['reports'],
      summary: template.title,
      description: [template.question, template.description].filter(Boolean).join('\n\n'),
      ...(template.state === 'deprecated' ? { deprecated: true } : {}),
      parameters,
      ...(template.oneOf.length === 0 ? {} : { 'x-certfolio-one-of': template.oneOf }),
      ...(template.paging === null ? {} : { 'x-certfolio-paging': pagingVariables(template.paging) }),
      responses: {
        200: {
          description: 'The report',
          content: { [mediaType.split(';', 1)[0]!]: { schema: bodySchema(template, extension) } },
        },
        304: { description: 'The report has not changed since the entity tag sent' },
        400: refused,
        401: refused,
        403: refused,
        404: refused,
        429: refused,
        502: refused,
        503: refused,
        504: refused,
      },
    },
  };
}

/** A version never changes: its text is read for defaults once. */
const parametersByVersion = new WeakMap<Template, readonly Json[]>();

function parametersOf(template: Template): readonly Json[] {
  const known = parametersByVersion.get(template) ?? readParameters(template);
  parametersByVersion.set(template, known);
  return known;
}

function readParameters({ text, variables }: Template): readonly Json[] {
  const defaults = variables.length === 0 ? new Map<string, unknown>() : documentDefaults(text);
  return variables.map((variable) => parameter(variable, variable.default ?? defaults.get(variable.name)));
}

function parameter(variable: TemplateVariable, value: unknown): Json {
  const { name, type, description, isRequired, min, max, values } = variable;
  return {
    name,
    in: 'query',
    required: isRequired,
    description: description ?? `Variable of type ${type}`,
    schema: {
      ...typeSchema(type, values),
      ...(value === undefined ? {} : { default: value }),
      ...(min === null ? {} : { minimum: min }),
      ...(max === null ? {} : { maximum: max }),
    },
  };
}

function typeSchema(type: string, values: readonly unknown[] | null): Json {
  const list = /^\[(.*?)!?\]!?$/.exec(type);
  if (list) return { type: 'array', items: typeSchema(list[1]!, values) };
  const byName: Readonly<Record<string, string>> = { Int: 'integer', Float: 'number', Boolean: 'boolean' };
  return { type: byName[type.replace('!', '')] ?? 'string', ...(values === null ? {} : { enum: values }) };
}

function bodySchema({ columns }: Template, extension: string): Json {
  if (extension !== 'json') return { type: 'string' };
  const typeOf: Readonly<Record<string, Json>> = {
    integer: { type: ['integer', 'string', 'null'] },
    flag: { type: ['boolean', 'null'] },
    texts: { type: ['array', 'null'], items: { type: 'string' } },
    decimal: { type: ['string', 'number', 'null'] },
  };
  const row = {
    type: 'object',
    properties: Object.fromEntries(
      columns.map(({ title, type }) => [title, typeOf[type] ?? { type: ['string', 'null'] }]),
    ),
  };
  return {
    type: 'object',
    required: ['rows', 'extensions'],
    properties: {
      rows: { type: 'array', items: row },
      extensions: { type: 'object' },
      errors: { type: 'array', items: { type: 'object' } },
    },
  };
}
