import type { Router } from 'express';
import { type Address, describedBy } from '../shared/address.ts';

/**
 * Every address of a router and of those within it, in the order in which they are asked. Throws an Error that names a route that was not
 * made by `serve`: it would be in no document and in no security test.
 */
export function addressesOf(router: Pick<Router, 'stack'>): readonly Address[] {
  return router.stack.flatMap(({ route, handle }) => {
    if (route) {
      const described = describedBy(route);
      if (!described)
        throw new Error(`${route.path} is not described: add it by serve() of server/shared/address.ts`);
      return [described];
    }
    const inner = handle as Partial<Router>;
    return inner.stack ? addressesOf({ stack: inner.stack }) : [];
  });
}
