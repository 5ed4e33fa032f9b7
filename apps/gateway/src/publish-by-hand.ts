import { ServiceUnavailable } from '@certfolio/core';
import type { TemplatePublisher } from '@certfolio/subgraph-control';

/** Where templates come from a folder alone, nobody but who writes that folder publishes. */
export const publishByHand: TemplatePublisher['publish'] = async (files) => {
  throw new ServiceUnavailable(
    `Templates of this gateway come from its folder. Put ${files.map(({ name }) => name).join(' and ')} there; "certfolio seen approve --print" prints them.`,
  );
};
