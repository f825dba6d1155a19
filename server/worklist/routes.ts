import { Router } from 'express';
import type { Worklist } from './found.ts';
import { performing } from './performing.ts';
import { requesting } from './requesting.ts';

export type { Worklist } from './found.ts';

/** A worklist of unified procedure steps (UPS-RS, PS3.18 §11): the analyses, and what requesters ask for. docs/conformance.md. */
export function worklistRouter(worklist: Worklist): Router {
  const router = Router();
  requesting(router, worklist);
  performing(router, worklist);
  return router;
}
