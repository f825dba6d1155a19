import type { Analysis } from '../../server/jobs/index.ts';
import { openTraces } from '../../server/metrics/traces.ts';

/** Tells the analyses that come over IPC to the collector at argv[2], and ends: its libraries do not load in Jest's realm. */
const traces = openTraces(process.argv[2] as string, '9.9.9');
process.once('message', async (analyses: readonly Analysis[]) => {
  for (const analysis of analyses) traces.told(analysis);
  await traces.end();
  process.disconnect();
});
process.send?.('ready');
