import { connect } from 'node:net';
import { fetchSeries } from '../../server/retrieve/series.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { giveBack } from '../../server/retrieve/volume-memory.ts';
import { call } from '../../server/shared/http.ts';

/**
 * `node socket.ts URL FRAMES [ROUNDS]`: one series read in three ways, in turns, ROUNDS times; prints milliseconds of each. Without
 * rounds it assembles once (or nothing, of 0 frames) and prints its largest resident memory, bytes: its own count would begin
 * with ours in another process.
 */
const [, , url = '', frames = '0', rounds = '0'] = process.argv;
const series = { StudyInstanceUID: '1.2.3', SeriesInstanceUID: '1.2.3.1', instanceCount: Number(frames) };
const path = '/dicom-web/studies/1.2.3/series/1.2.3.1';
const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';

/** As fast as Node can: no HTTP, one piece of memory, nothing looked at. */
const bare = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const onread = { buffer: Buffer.alloc(2 ** 20), callback: () => true };
    const socket = connect({ host: hostname, port: Number(port), onread });
    socket.on('error', reject).on('close', () => resolve());
    socket.resume();
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\nAccept: ${accept}\r\n\r\n`,
    );
  });

/** As a program does that reads the answer of an HTTP client dry. */
const client = async (): Promise<void> => {
  const answer = await call({ url }, path, { headers: { accept } });
  for await (const _ of answer.body);
};

/** As a worker's job does, which gives the memory back for the next. */
const volume = async (): Promise<void> => {
  const { data } = await assembleVolume(fetchSeries({ url }, '/dicom-web', series), series.instanceCount);
  giveBack(data);
};

const ways = { bare, client, volume };
if (rounds === '0') {
  if (series.instanceCount > 0) await volume();
  console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
} else {
  const taken: Record<string, { wall: number; cpu: number }[]> = { bare: [], client: [], volume: [] };
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, way] of Object.entries(ways)) {
      const before = process.cpuUsage();
      const start = performance.now();
      await way();
      const { user, system } = process.cpuUsage(before);
      taken[name]?.push({ wall: performance.now() - start, cpu: (user + system) / 1000 });
    }
  }
  console.log(JSON.stringify(taken));
}
