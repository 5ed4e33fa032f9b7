import type { SensitiveGroup } from '@certfolio/core';
import { buildSchema } from 'graphql';
import type { SensitiveFields } from '../src/sensitive-fields.ts';

/** A small graph of the shape of ours. */
export const ordersSchema = buildSchema(/* GraphQL */ `
  scalar Date
  scalar DateTime
  scalar Money
  enum OrderStatus {
    ISSUED
    EXPIRED
  }
  input DateFilter {
    gte: String
    lte: String
  }
  input OrderFilter {
    status: [OrderStatus!]
    validTill: DateFilter
    days: Int
    tags: [String!]
    from: Date
  }
  type Query {
    orders(filter: OrderFilter, first: Int = 100, after: String): OrderConnection
    order(id: ID!): Order
    order_details(limit: Int, status: String): [OrderDetails]
    node(id: ID!): Node
  }
  type Mutation {
    revoke(id: ID!): Boolean
  }
  interface Node {
    id: ID!
  }
  type OrderConnection {
    nodes: [Order!]!
    edges: [Edge!]!
    pageInfo: PageInfo!
    totalCount: Int
  }
  type Edge {
    cursor: String!
    node: Order!
  }
  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
  }
  type Order implements Node {
    id: ID!
    status: OrderStatus
    userId: Int
    validityYears: Int
    cost: Money
    autoRenew: Boolean
    dateCreated: DateTime
    csr: String
    userEmail: String
    certificate: Certificate
    container: Container
    duplicates: [Certificate!]
  }
  type Certificate {
    commonName: String
    dnsNames: [String!]
    validTill: Date
    keySize: Int
    serialNumber: String
    order: Order
  }
  type Container {
    id: ID!
    name: String
    parent: Container
  }
  type OrderDetails {
    id: String
    common_name: String
    valid_till: String
    csr: String
    has_duplicates: String
    validity_years: String
  }
`);

const groups = new Map<string, SensitiveGroup>([
  ['Order.csr', 'csr'],
  ['OrderDetails.csr', 'csr'],
  ['Order.cost', 'cost'],
  ['Order.userEmail', 'email'],
]);

export const sensitiveFields: SensitiveFields = {
  groupOf: (typeName, fieldName) => groups.get(`${typeName}.${fieldName}`) ?? null,
};

export const rules = { schema: ordersSchema, sensitiveFields };

/** Left as it is written here, since specs change words of it. */
export const graphqlText = `query ExpiringSoon($days: Int! = 30, $status: [OrderStatus!], $size: Int, $cursor: String) {
  orders(filter: { days: $days, status: $status }, first: $size, after: $cursor) {
    nodes {
      id
      ...Names
      container { division: name }
      userId
      autoRenew
      duplicates { serialNumber }
    }
    pageInfo { hasNextPage endCursor }
  }
}

fragment Names on Order {
  certificate { commonName dnsNames validTill }
}
`;

export const yamlText = `name: expiring-soon
version: 1
state: approved
title: Expiring soon
question: What must be replaced, by when?
owner: pki-team
tags: [expiry]
variables:
  days:
    description: Days from today.
    type: Int!
    min: 1
    max: 90
  status:
    default: [ISSUED]
rows: orders.nodes
paging: { first: size, after: cursor, pageInfo: orders.pageInfo, pageSize: 500 }
freshness: { maxAge: 900 }
`;

export const bytes = (text: string) => new TextEncoder().encode(text);
