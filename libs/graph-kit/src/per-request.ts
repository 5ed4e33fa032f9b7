import type { RequestContext } from '@certfolio/core';

/**
 * Makes something once for each request that asks for it, such as loaders, whose caches must never outlive the caller they
 * were filled for. It is kept on the request itself: a WeakMap by request costs as much garbage collection as answering a
 * small request does.
 */
export function perRequest<T>(create: (context: RequestContext) => T): (context: RequestContext) => T {
  const key = Symbol('per request');
  return (context) => {
    const holder = context as RequestContext & { [key]?: T };
    return (holder[key] ??= create(context));
  };
}
