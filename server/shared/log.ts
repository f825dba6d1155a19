import pino from 'pino';

/** One JSON line an event, on standard error. Fields are UIDs, codes and counts: never a name, an ID or a tag value. */
export const log = pino(
  { base: null, level: process.env.LOG_LEVEL ?? 'info', timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination(2),
);
