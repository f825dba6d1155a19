import { guard } from '../../server/access/guard.ts';
import type { Access } from '../../server/access/index.ts';

/** As on a machine where nobody logs in. */
export const NO_LOG_IN: Access = { guard: guard({}) };
