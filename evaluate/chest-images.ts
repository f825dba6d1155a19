import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import jpeg from 'jpeg-js';
import { seededRandom } from '../server/shared/random.ts';

export const EDGE = 224;
const ARCHIVE = '../shared/data/B_chest_xray/kermany_224.tar';
const PATIENTS = 'evaluate/chest-patients.json';

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
  return imagesOf((name) => name.startsWith('test/'));
}

/** The radiographs of patients whom the weights never saw; training/chest-xr-pneumonia/held_out.py wrote their numbers. */
export function heldOut(): readonly TestImage[] {
  const numbers = JSON.parse(readFileSync(PATIENTS, 'utf8')) as Readonly<Record<string, readonly number[]>>;
  const patients = new Set(
    Object.entries(numbers).flatMap(([series, of]) => of.map((n) => `${series} ${n}`)),
  );
  return imagesOf((name) => !name.startsWith('test/') && patients.has(patientOf(basename(name))));
}

/** Images of the archive by name; normal ones first, each half in the order of its file names. */
function imagesOf(wanted: (name: string) => boolean): readonly TestImage[] {
  const names = execFileSync('tar', ['-tf', ARCHIVE], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => name.endsWith('.jpeg') && wanted(name));
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-evaluate-'));
  try {
    execFileSync('tar', ['-xf', ARCHIVE, '-C', folder, '-T', '-'], { input: names.join('\n') });
    return [false, true].flatMap((positive) =>
      names
        .filter((name) => name.includes('/PNEUMONIA/') === positive)
        .map((name) => ({ name, file: basename(name) }))
        .sort((a, b) => (a.file < b.file ? -1 : 1))
        .map(({ name, file }) => ({
          file,
          input: grey(readFileSync(join(folder, name))),
          source: sourceOf(file),
          positive,
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

/** Series of patient numbers and number: bacteria and virus images of one number are one patient. */
function patientOf(file: string): string {
  const [, person, normal, number] = /^(?:(person)|(NORMAL2)-IM-|IM-)(\d+)/.exec(file) ?? [];
  return `${person ?? normal ?? 'IM'} ${Number(number)}`;
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
