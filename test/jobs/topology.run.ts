import { topology } from '../helpers/topology.ts';

/** By hand, for as long as one likes: `node test/jobs/topology.run.ts 500 50 3 1` (studies, kills, workers, seed). */
const [studies = 500, kills = 50, workers = 3, seed = 1] = process.argv.slice(2).map(Number);
const killed = new Map<string, number>();
const result = await topology({
  studies,
  kills,
  workers,
  seed,
  onKill: (what) => killed.set(what, (killed.get(what) ?? 0) + 1),
});
process.stdout.write(
  `${JSON.stringify({ studies, killed: Object.fromEntries(killed), ...result }, null, 1)}\n`,
);
