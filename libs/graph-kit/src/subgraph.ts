import type { DocumentNode, GraphQLScalarType } from 'graphql';
import type { RequestContext } from '@certfolio/core';
import type { SelectionInfo } from './selection.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- resolvers of many parents and arguments stand in one map, as in graphql-js
type AnyValue = any;
export type Resolver<Parent = AnyValue, Args = AnyValue> = (
  parent: Parent,
  args: Args,
  context: RequestContext,
  info: SelectionInfo,
) => unknown;
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>> | GraphQLScalarType>>;

/** `__resolveReference` has no arguments where other resolvers have theirs. */
export type ReferenceResolver<Reference = AnyValue> = (
  reference: Reference,
  context: RequestContext,
  info: SelectionInfo,
) => unknown;

/** Puts a reference resolver into a map of resolvers; `@apollo/subgraph` knows it by its name. */
export const reference = <Reference>(resolve: ReferenceResolver<Reference>): Resolver => resolve as unknown as Resolver;

/** One federated subgraph: what `buildSubgraphSchema` needs to make it executable. */
export interface Subgraph {
  readonly name: string;
  readonly typeDefs: DocumentNode;
  readonly resolvers: Resolvers;
  /**
   * Types whose fields give what the wire has, text for String and ID and so on, or null, and never throw. Operations that
   * select leaves of no other type need no check of each value.
   */
  readonly wireReadyTypes?: ReadonlySet<string>;
}
