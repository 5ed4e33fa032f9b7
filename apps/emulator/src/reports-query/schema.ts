import { buildSchema, type GraphQLSchema } from 'graphql';

/** Filters, sorting and paging of `order_details`. Source: vendor page "order_details". */
const listArguments = `
    id: Int
    status: String
    valid_from: String
    valid_till: String
    container_id: String
    organization_id: String
    product_name_id: String
    serial_number: String
    signature_hash: String
    user_id: String
    date_created: String
    ca_cert_id: String
    common_name: String
    dns_names: String
    locale: String
    thumbprint: String
    email: String
    search: String
    sort: [String]
    limit: Int
    offset: Int`;

/** Two queries over one type whose fields are all nullable strings. */
export function createSchema(fields: Iterable<string>): GraphQLSchema {
  const fieldLines = [...fields].map((name) => `    ${name}: String`).join('\n');
  return buildSchema(`
  type Query {
    order_details(${listArguments}
    ): [OrderDetails]
    order_details_by_id(id: Int!): OrderDetails
  }
  type OrderDetails {
${fieldLines}
  }`);
}
