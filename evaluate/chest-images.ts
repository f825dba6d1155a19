import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { seededRandom } from '../server/shared/random.ts';

export const EDGE = 224;
const KIT = '../shared/data/B_chest_xray';

export interface TestImage {
  /** [row, column], 0..1 */
  readonly input: Float32Array;
  /** The probability that PyTorch gave. */
  readonly expected: number;
}

/** Radiographs of the official test split, half of each class, drawn with a fixed seed. */
export function testImages(count: number): readonly TestImage[] {
  const { test } = JSON.parse(readFileSync(`${KIT}/test_set_predictions.json`, 'utf8')) as {
    test: [string, string, number][];
  };
  const draw = seededRandom(11);
  const shuffled = test.map((row) => ({ row, key: draw() })).sort((a, b) => a.key - b.key);
  const ofClass = (name: string) => shuffled.filter(({ row }) => row[0] === name).slice(0, count / 2);
  const picked = [...ofClass('NORMAL'), ...ofClass('PNEUMONIA')].map(({ row }) => row);
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-evaluate-'));
  try {
    execFileSync('tar', ['-xf', `${KIT}/kermany_224.tar`, '-C', folder, 'test']);
    return picked.map(([label, file, expected]) => ({
      expected,
      input: grey(readFileSync(join(folder, 'test', label, file))),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files are grey, so any channel is the picture. */
function grey(bytes: Uint8Array): Float32Array {
  const { data, width, height } = jpeg.decode(bytes, { useTArray: true });
  if (width !== EDGE || height !== EDGE) throw new Error(`an image is ${width} × ${height}`);
  return Float32Array.from({ length: EDGE * EDGE }, (_, i) => (data[4 * i] as number) / 255);
}
