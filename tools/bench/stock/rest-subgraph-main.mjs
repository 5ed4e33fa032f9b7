import { parseArgs } from 'node:util';
import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import DataLoader from 'dataloader';
import { systemClock } from '@certfolio/runtime';
import { createDataSubgraph } from '@certfolio/subgraphs';
import { openBenchReaders } from '../src/readers.ts';
import { tellReady } from '../src/ready.ts';

// One of our subgraphs by its schema, written anew as Apollo's documentation has it: Apollo's own data source for REST, one for each
// request, and resolvers that answer the three works and nothing else. Plain JavaScript, since its packages are here only when the
// benchmark was run.
const { values } = parseArgs({ options: { upstream: { type: 'string' }, name: { type: 'string' } } });
const { typeDefs } = createDataSubgraph(values.name, openBenchReaders(values.upstream), systemClock);

/** CertCentral gives no more of a list at once. */
const pageRows = 1_000;

class CertCentral extends RESTDataSource {
  baseURL = `${values.upstream}/`;

  /** One list for all that a request asks for, as there are few organizations. */
  organizations = new DataLoader(async (ids) => {
    const params = { include_validation: 'true', limit: String(pageRows), offset: '0' };
    const { organizations } = await this.get('organization', { params });
    const byId = new Map(organizations.map((organization) => [String(organization.id), organization]));
    return ids.map((id) => byId.get(id) ?? null);
  });

  willSendRequest(_path, request) {
    request.headers['x-dc-devkey'] = 'bench';
  }

  order(id) {
    return this.get(`order/certificate/${encodeURIComponent(id)}`);
  }

  async ordersOfUser(userId, most) {
    const pages = Array.from({ length: Math.ceil(most / pageRows) }, (_, page) => {
      const limit = String(Math.min(pageRows, most - page * pageRows));
      const params = { 'filters[user_id]': userId, sort: 'order_id', limit, offset: String(page * pageRows) };
      return this.get('order/certificate', { params });
    });
    return (await Promise.all(pages)).flatMap(({ orders }) => orders);
  }
}

const resolvers = {
  orders: {
    Query: {
      order: (_, { id }, { certCentral }) => certCentral.order(id),
      orders: async (_, { filter, first }, { certCentral }) => ({
        nodes: await certCentral.ordersOfUser(filter.userId.in[0], first),
      }),
      order_details: (_, { user_id, limit }, { certCentral }) => certCentral.ordersOfUser(user_id, limit),
    },
    Order: {
      dateCreated: ({ date_created }) => date_created.replace(/\+00:00$/, 'Z'),
      customFields: ({ custom_fields }) => custom_fields,
    },
    Certificate: {
      commonName: ({ common_name }) => common_name,
      validFrom: ({ valid_from }) => valid_from,
      validTill: ({ valid_till }) => valid_till,
      serialNumber: ({ serial_number }) => serial_number,
    },
    Product: { nameId: ({ name_id }) => name_id },
    OrderDetails: {
      date_created: ({ date_created }) => date_created.slice(0, 19).replace('T', ' '),
      is_renewed: ({ is_renewed }) => (is_renewed ? '1' : '0'),
      disable_renewal_notifications: (order) => (order.disable_renewal_notifications ? '1' : '0'),
      certificate_tracker_id: ({ certificate }) => certificate.id,
      common_name: ({ certificate }) => certificate.common_name,
      dns_names: ({ certificate: { common_name, dns_names } }) =>
        dns_names.filter((name) => name !== common_name).join(', '),
      valid_from: ({ certificate }) => certificate.valid_from,
      valid_till: ({ certificate }) => certificate.valid_till,
      serial_number: ({ certificate }) => certificate.serial_number,
      signature_hash: ({ certificate }) => certificate.signature_hash,
      organization_id: ({ organization }) => organization.id,
      organization_name: ({ organization }) => organization.name,
      container_id: ({ container }) => container.id,
      container_name: ({ container }) => container.name,
      product_name: ({ product }) => product.name,
      product_type: ({ product }) => product.type,
    },
  },
  organizations: {
    Organization: {
      __resolveReference: ({ id }, { certCentral }) => certCentral.organizations.load(id),
      displayName: ({ display_name }) => display_name,
    },
  },
};

const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers[values.name] }]);
const server = new ApolloServer({ schema, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => ({ certCentral: new CertCentral({ cache: server.cache }) }),
});
process.once('SIGTERM', () => process.exit(0));
tellReady({ origin: new URL(url).origin, path: '/' });
