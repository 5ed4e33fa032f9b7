import { expect, it } from '@jest/globals';
import { readReportOffers } from './report-offers.ts';

const parameters = [
  {
    name: 'days',
    in: 'query',
    required: false,
    description: 'Days ahead',
    schema: { type: 'integer', default: 30, minimum: 0, maximum: 3650 },
  },
  {
    name: 'status',
    in: 'query',
    required: true,
    schema: { type: 'array', items: { type: 'string', enum: ['issued', 'revoked'] } },
  },
  { name: 'only', in: 'query', required: false, schema: { type: 'boolean' } },
];
const get = { summary: 'A title', description: 'A question?\n\nWhat it means.\n\nWhat it cannot know.\n', parameters };

it('reads a report with its variables and all formats under which it is offered', () => {
  const offers = readReportOffers({
    paths: {
      '/r/b.json': {
        get: { deprecated: true, 'x-certfolio-one-of': ['id', 'serial'], 'x-certfolio-paging': ['first', 'after'] },
      },
      '/r/a.json': { get },
      '/r/a.csv': { get },
      '/elsewhere': { get },
    },
  })!;
  expect(offers.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(offers[0]).toEqual({
    name: 'a',
    title: 'A title',
    question: 'A question?',
    description: 'What it means.\n\nWhat it cannot know.',
    isDeprecated: false,
    variables: [
      {
        name: 'days',
        type: 'integer',
        isList: false,
        isRequired: false,
        description: 'Days ahead',
        default: 30,
        values: null,
        min: 0,
        max: 3650,
      },
      {
        name: 'status',
        type: 'string',
        isList: true,
        isRequired: true,
        description: '',
        default: undefined,
        values: ['issued', 'revoked'],
        min: null,
        max: null,
      },
      {
        name: 'only',
        type: 'boolean',
        isList: false,
        isRequired: false,
        description: '',
        default: undefined,
        values: null,
        min: null,
        max: null,
      },
    ],
    required: ['status'],
    oneOf: [],
    paging: [],
    formats: ['json', 'csv'],
  });
  expect(offers[1]).toMatchObject({
    title: 'b',
    isDeprecated: true,
    oneOf: ['id', 'serial'],
    paging: ['first', 'after'],
    variables: [],
    formats: ['json'],
  });
});

it.each([null, 'text', [], {}, { paths: [] }])('is null for %j', (document) => {
  expect(readReportOffers(document)).toBeNull();
});

it('leaves out what it cannot read, and takes no name for a member of an object', () => {
  const offers = readReportOffers({
    paths: {
      '/r/__proto__.json': { get: { parameters: [null, 1, {}, { name: 'bare', required: true }] } },
      '/r/x.json': 1,
    },
  })!;
  expect(offers).toEqual([expect.objectContaining({ name: '__proto__', required: ['bare'] })]);
});
