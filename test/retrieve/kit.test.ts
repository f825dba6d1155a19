import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Volume } from '../../server/contracts.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { prepare } from '../../server/infer/prepare.ts';
import { windowOf } from '../../server/infer/window.ts';
import type { Step } from '../../server/models/steps.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import type { Outcome, Reading } from '../oracle/kit.ts';

/** What another reader gives, by file: see test/oracle/pixels.py. */
const OTHER: Readonly<Record<string, { readonly sha256?: string }>> = JSON.parse(
  readFileSync(join(__dirname, '..', 'oracle', 'pixels.json'), 'utf8'),
);

describeWithKit('every image of the kit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-kit-'));
  let reading: Reading;
  let page: string;

  beforeAll(() => {
    const script = join(__dirname, '..', 'oracle', 'kit-table.ts');
    const written = join(folder, 'images.md');
    reading = JSON.parse(
      execFileSync(process.execPath, [script, kitPath('E_hostile'), written], {
        maxBuffer: 2 ** 24,
      }).toString(),
    );
    page = readFileSync(written, 'utf8');
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const of = (file: string): Outcome => {
    const found = reading.outcomes.find((o) => o.file === file);
    if (!found) throw new Error(`the kit has no ${file}`);
    return found;
  };
  const volumeOf = (name: string): Promise<Volume> =>
    assembleVolume([readPart10(kitBytes('E_hostile', 'synthetic', `${name}.dcm`))]);
  const hash = (file: string): string | undefined => of(file).pixels?.sha256;

  test('is read or refused by a named fault: none ends the process, hangs or fails otherwise', () => {
    const bad = reading.outcomes.filter((o) => ['DIED', 'HUNG', 'INTERNAL'].includes(o.fault ?? ''));
    expect(bad).toEqual([]);
    expect(reading.outcomes).toHaveLength(282);
    expect(Math.max(...reading.outcomes.map((o) => o.ms))).toBeLessThan(10_000);
    expect(reading.peakMb).toBeLessThan(500);
  });

  test('has the pixels that another reader gives, bit for bit (test/oracle/pixels.py)', () => {
    const differing = reading.outcomes.filter((o) => o.pixels && OTHER[o.file]?.sha256 !== o.pixels.sha256);
    expect(differing.map((o) => o.file)).toEqual([
      'pydicom_data/liver_nonbyte_aligned_deflate.dcm',
      'pydicom_data/liver_nonbyte_aligned_rle.dcm',
      'pydicom_data/liver_rle.dcm',
    ]);
    expect(reading.outcomes.filter((o) => o.pixels)).toHaveLength(242);
  });

  test('single bits that no other reader has: as their uncompressed copies', () => {
    const plain = hash('pydicom_data/liver_nonbyte_aligned.dcm');
    expect(plain).toBeDefined();
    for (const copy of ['deflate', 'rle', 'j2k']) {
      expect(hash(`pydicom_data/liver_nonbyte_aligned_${copy}.dcm`)).toBe(plain);
    }
    expect(hash('pydicom_data/liver_rle.dcm')).toBe(hash('pydicom_data/liver_expb.dcm'));
    expect(hash('pydicom_data/liver_j2k.dcm')).toBe(hash('pydicom_data/liver_expb.dcm'));
  });

  test('is refused where another reader accepts it only when the length of the pixels is a lie', () => {
    const refused = reading.outcomes.filter((o) => !o.pixels && OTHER[o.file]?.sha256);
    expect(refused.map((o) => o.file)).toEqual(['synthetic/pixel_length_4GB.dcm']);
  });

  test('nine lossless syntaxes of one CT give one image, the sum of its stored values 19640763 (kit)', () => {
    const variants = reading.outcomes.filter((o) =>
      /CTImage\.dcm_.*\.(1\.2|1\.2\.1|1\.2\.2|1\.2\.1\.99|4\.57|4\.70|4\.80|4\.90|1\.2\.5)\.dcm$/.test(
        o.file,
      ),
    );
    expect(variants).toHaveLength(9);
    expect(new Set(variants.map((o) => o.pixels?.sha256)).size).toBe(1);
    const { mean, shape } = variants[0]?.pixels ?? { mean: 0, shape: [] };
    const [slope, intercept] = [1, -1024];
    const pixels = shape.reduce((a, b) => a * b, 1);
    expect(Math.round(((mean - intercept) / slope) * pixels)).toBe(19_640_763);
  });

  test.each([
    ['zero_length', 'DICOM_UNREADABLE'],
    ['html_404', 'DICOM_UNREADABLE'],
    ['preamble_only', 'DICOM_UNREADABLE'],
    ['truncated_in_header', 'DICOM_UNREADABLE'],
    ['truncated_half_pixels', 'PIXELS_TRUNCATED'],
    ['rows_65535_tiny_pixels', 'PIXELS_UNSUPPORTED'],
    ['frames_2e31', 'PIXELS_UNSUPPORTED'],
    ['pixel_length_4GB', 'PIXELS_TRUNCATED'],
    ['nested_sequences_5000', 'DICOM_UNREADABLE'],
    ['no_series_uid', 'DICOM_UNREADABLE'],
    ['no_pixel_spacing', 'GEOMETRY_AMBIGUOUS'],
    ['zero_pixel_spacing', 'GEOMETRY_AMBIGUOUS'],
    ['zero_orientation', 'GEOMETRY_AMBIGUOUS'],
  ])('%s is refused: %s (kit, manifest.json)', (name, fault) => {
    expect(of(`synthetic/${name}.dcm`).fault).toBe(fault);
  });

  test.each([
    'trailing_garbage',
    'signed_with_intercept',
    'burned_in_yes',
    'path_traversal_ids',
    'invalid_utf8_name',
    'modality_contradicts_sop_class',
  ])('%s is the picture of ok.dcm (kit, manifest.json)', (name) => {
    const { fault, pixels } = of(`synthetic/${name}.dcm`);
    expect(fault).toBeUndefined();
    expect(pixels?.sha256).toBe(hash('synthetic/ok.dcm'));
  });

  test('monochrome1 is shown as the picture of ok.dcm (kit, manifest.json)', async () => {
    const [plain, inverted] = await Promise.all(['ok', 'monochrome1'].map(volumeOf));
    if (!plain || !inverted) throw new Error('there are two');
    expect([plain.inverted, inverted.inverted]).toEqual([false, true]);
    expect([...inverted.data].every((v, i) => 4095 - v === plain.data[i])).toBe(true);
    const shown = (volume: Volume): number[] => Array.from(volume.data, windowOf(volume, 'full'));
    const expected = shown(plain);
    expect(Math.max(...expected) - Math.min(...expected)).toBe(255);
    expect(shown(inverted).every((grey, i) => Math.abs(grey - (expected[i] as number)) < 1e-9)).toBe(true);
  });

  test.each<[string, Step[], number | 'MODEL_REFUSES_SERIES']>([
    ['as it is', [], 7],
    ['minmax', [{ step: 'minmax' }], 'MODEL_REFUSES_SERIES'],
    ['zscore', [{ step: 'zscore', of: 'all' }], 'MODEL_REFUSES_SERIES'],
    ['zscore of nonzero', [{ step: 'zscore', of: 'nonzero' }], 'MODEL_REFUSES_SERIES'],
  ])('constant_image %s: no NaN (kit, manifest.json)', async (_, steps, expected) => {
    const volume = await volumeOf('constant_image');
    const grey = windowOf(volume, 'full');
    expect(volume.data.every((v) => v === 7 && grey(v) === 0)).toBe(true);
    const values = (): number[] => [...new Set(prepare(volume, { grid: 'source', steps }).grid.data)];
    if (typeof expected === 'number') expect(values()).toEqual([expected]);
    else expect(values).toThrow(expect.objectContaining({ code: expected }));
  });

  test('docs/images.md is what the product does', () => {
    expect(page).toBe(readFileSync(join(__dirname, '..', '..', 'docs', 'images.md'), 'utf8'));
  });
});
