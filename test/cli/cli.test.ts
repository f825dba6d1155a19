import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { readNpy, writeNpy } from '../../server/shared/npy.ts';

jest.setTimeout(60_000);

let folder: string;
let picture: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-cli-'));
  picture = join(folder, 'in.png');
  const png = new PNG({ width: 60, height: 40 });
  png.data.forEach((_, i) => {
    png.data[i] = i % 4 === 3 ? 255 : (i * 7) % 251;
  });
  writeFileSync(picture, PNG.sync.write(png));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pellucid = (...args: string[]) => spawnSync('node', ['server/cli.ts', ...args], { encoding: 'utf8' });
const MODEL = ['--model', 'models/chest-xr-pneumonia'];

test('explain writes a picture of the model’s input size and says what it did', () => {
  const out = join(folder, 'map.png');
  const { stdout, status } = pellucid('explain', picture, ...MODEL, '--out', out);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    method: 'exactCam',
    layer: 'features',
    of: 'logit',
    target: 0,
    fallback: null,
    surrogate: null,
  });
  const { width, height } = PNG.sync.read(readFileSync(out));
  expect([width, height]).toEqual([224, 224]);
});

test('an array goes in and comes out as an array', () => {
  const input = join(folder, 'in.npy');
  const out = join(folder, 'map.npy');
  writeFileSync(
    input,
    writeNpy({
      dims: [1, 1, 224, 224],
      data: Float32Array.from({ length: 224 * 224 }, (_, i) => (i % 97) / 97),
    }),
  );
  const { status } = pellucid('explain', input, ...MODEL, '--method', 'saliency', '--out', out);
  expect(status).toBe(0);
  const { dims, data } = readNpy(readFileSync(out));
  expect(dims).toEqual([1, 224, 224]);
  expect(data.some((v) => v > 0)).toBe(true);
});

test.each([
  [[], 'no command ""'],
  [['explain'], 'say an image, --model and --out'],
  [['explain', 'nowhere.dcm', ...MODEL, '--out', 'x.png'], 'nowhere.dcm cannot be read'],
  [['explain', 'package.json', ...MODEL, '--out', 'x.png'], 'DICOM_UNREADABLE'],
  [['explain', 'package.json', '--model', 'package.json', '--out', 'x.png'], 'the file is no ONNX model'],
  [
    ['explain', 'a.png', ...MODEL, '--method', 'magic', '--out', 'x.png'],
    'no method magic; there are exactCam, gradCam',
  ],
  [['explain', 'a.png', ...MODEL, '--target', '-1', '--out', 'x.png'], 'REQUEST_INVALID'],
])('%j ends with a reason and what to do', (args, words) => {
  const { stderr, status } = pellucid(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(words);
  expect(stderr).toContain('What to do:');
});
