import { BadUserInput, type BucketDimension, type OrderBucket } from '@certfolio/core';
import { rememberSelection, walkSelection, type Resolvers } from '@certfolio/graph-kit';
import type { OrderFilterInput } from './filters.ts';

/** Dimensions of one query; the combinations of more are hardly fewer than the orders. */
const maxDimensions = 4;

export interface OrderBucketsArgs {
  readonly groupBy: readonly BucketDimension[];
  readonly filter?: OrderFilterInput | null;
}

/** A bucket with the dimensions its values belong to. */
export interface BucketParent extends OrderBucket {
  readonly groupBy: readonly BucketDimension[];
}

/** @throws BadUserInput for no dimension, or more than four */
export function checkedDimensions({ groupBy }: OrderBucketsArgs): readonly BucketDimension[] {
  if (groupBy.length >= 1 && groupBy.length <= maxDimensions) return groupBy;
  throw new BadUserInput(`groupBy has ${groupBy.length} dimensions; it takes 1 to ${maxDimensions}.`);
}

const costFields = new Set(['costSum', 'costMin', 'costMax']);

/** Whether a field of money is selected: costs are read for these alone. */
export const selectsCost = rememberSelection((info) => {
  let selected = false;
  walkSelection(info, ([name]) => (selected ||= costFields.has(name!)));
  return selected;
});

const textOf = (value: OrderBucket['values'][number]) => (value === null ? null : String(value));

export const orderBucketResolvers: Resolvers = {
  OrderBucket: {
    user: ({ groupBy, values }: BucketParent) => {
      const id = values[groupBy.indexOf('userId')];
      return id == null ? null : { __typename: 'User', id };
    },
    values: ({ groupBy, values }: BucketParent) =>
      groupBy.map((dimension, index) => ({ dimension, value: textOf(values[index] ?? null) })),
    key: ({ values }: BucketParent) => values.map(textOf),
    value: ({ groupBy, values }: BucketParent, { dimension }: { readonly dimension: BucketDimension }) => {
      const index = groupBy.indexOf(dimension);
      if (index >= 0) return textOf(values[index] ?? null);
      throw new BadUserInput(`"${dimension}" is not among the dimensions of groupBy, ${groupBy.join(', ')}.`);
    },
  },
};
