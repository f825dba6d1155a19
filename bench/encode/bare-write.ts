/** The floor of any writer: `node bare-write.ts FILE` writes the same bytes again beside it, and prints what ours.ts does. */
import { readFileSync, statSync } from 'node:fs';
import { writePieces } from '../../server/store/write-pieces.ts';

const [file = ''] = process.argv.slice(2);
const bytes = readFileSync(file);
const [began, used] = [performance.now(), process.cpuUsage()];
await writePieces(`${file}.again`, [bytes]);
const { user, system } = process.cpuUsage(used);
const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
console.log(
  JSON.stringify({
    ms: performance.now() - began,
    made: 0,
    cpu: (user + system) / 1000,
    peak: Number(peak) * 1024,
    bytes: statSync(`${file}.again`).size,
  }),
);
