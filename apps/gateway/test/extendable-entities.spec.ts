import { expect, it } from '@jest/globals';
import { apiSchemaOf, composeSupergraph } from '@certfolio/execution';
import { isObjectType, parse } from 'graphql';
import { knownSubgraphs } from '../src/compose-static.ts';

const keys = {
  Order: 'id',
  Certificate: 'serialNumber',
  Organization: 'id',
  Container: 'id',
  User: 'id',
  Domain: 'id',
} as const;

/** What another team's subgraph says: fields of its own on an entity of ours. */
const team = Object.entries(keys)
  .map(([type, key]) => {
    const keyType = key === 'id' ? 'ID!' : 'String';
    return `type ${type} @key(fields: "${key}") { ${key}: ${keyType} teamNote: String }`;
  })
  .join('\n');
const definitions = knownSubgraphs().map(({ name, typeDefs }) => ({ name, typeDefs, url: `local:${name}` }));
const composedWith = (sdl: string) =>
  apiSchemaOf(
    composeSupergraph([
      ...definitions,
      {
        name: 'team',
        url: 'http://team.test',
        typeDefs: parse(
          `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) ${sdl}`,
        ),
      },
    ]),
  );

it.each(Object.keys(keys))('%s takes fields of another team', (type) => {
  const found = composedWith(team).getType(type);
  expect(isObjectType(found) && Object.keys(found.getFields())).toContain('teamNote');
});

it('an order and a certificate are found from references of another team', () => {
  const pointing = `
    type Query { incidents: [Incident!] }
    type Incident { title: String order: Order certificate: Certificate }
    type Order @key(fields: "id", resolvable: false) { id: ID! }
    type Certificate @key(fields: "serialNumber", resolvable: false) { serialNumber: String }`;
  const found = composedWith(pointing).getType('Incident');
  expect(isObjectType(found) && Object.keys(found.getFields())).toEqual(['title', 'order', 'certificate']);
});
