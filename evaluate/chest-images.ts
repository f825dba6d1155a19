import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { seededRandom } from '../server/shared/random.ts';

export const EDGE = 224;
const ARCHIVE = '../shared/data/B_chest_xray/kermany_224.tar';

/** Two numberings of normal radiographs, and the two kinds of pneumonia, as the file names tell. */
export type Source = 'IM' | 'NORMAL2' | 'bacteria' | 'virus';

export interface TestImage {
  readonly file: string;
  /** [row, column], 0..1 */
  readonly input: Float32Array;
  readonly source: Source;
  readonly positive: boolean;
}

/** The official test split, in the order of its file names. */
export function testSplit(): readonly TestImage[] {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-evaluate-'));
  try {
    execFileSync('tar', ['-xf', ARCHIVE, '-C', folder, 'test']);
    return ['NORMAL', 'PNEUMONIA'].flatMap((label) =>
      readdirSync(join(folder, 'test', label))
        .sort()
        .map((file) => ({
          file,
          input: grey(readFileSync(join(folder, 'test', label, file))),
          source: sourceOf(file),
          positive: label === 'PNEUMONIA',
        })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Radiographs of the test split, half of each class, drawn with a fixed seed. */
export function testImages(count: number): readonly TestImage[] {
  const draw = seededRandom(11);
  const shuffled = testSplit()
    .map((image) => ({ image, key: draw() }))
    .sort((a, b) => a.key - b.key)
    .map(({ image }) => image);
  return [false, true].flatMap((positive) =>
    shuffled.filter((image) => image.positive === positive).slice(0, count / 2),
  );
}

function sourceOf(file: string): Source {
  if (file.startsWith('person')) return file.includes('_virus_') ? 'virus' : 'bacteria';
  return file.startsWith('NORMAL2') ? 'NORMAL2' : 'IM';
}

/** The files are grey, so any channel is the picture. */
function grey(bytes: Uint8Array): Float32Array {
  const { data, width, height } = jpeg.decode(bytes, { useTArray: true });
  if (width !== EDGE || height !== EDGE) throw new Error(`an image is ${width} × ${height}`);
  return Float32Array.from({ length: EDGE * EDGE }, (_, i) => (data[4 * i] as number) / 255);
}
