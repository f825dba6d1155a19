import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import codecs from 'dcmjs-codecs';
import type { Volume } from '../../server/contracts.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { withAllocator } from '../../server/shared/allocator.ts';
import { medianOf } from './median.ts';

/** A real chest CT of the kit: 60 slices of 512² signed pixels of 16 bits. */
const SERIES = fileURLToPath(new URL('../../../shared/data/C_ct/dicom_chest_lung', import.meta.url));
const ROUNDS = 3;

type Codec = (context: InstanceType<typeof codecs.Context>) => { getEncodedBuffer(): Uint8Array | undefined };
const native = codecs.NativeCodecs;
const SYNTAXES: Readonly<Record<string, readonly [uid: string, encode: Codec]>> = {
  'JPEG-LS': ['1.2.840.10008.1.2.4.80', (c) => native.encodeJpegLs(c)],
  'JPEG 2000': ['1.2.840.10008.1.2.4.90', (c) => native.encodeJpeg2000(c)],
  RLE: ['1.2.840.10008.1.2.5', (c) => native.encodeRle(c)],
  'JPEG lossless': ['1.2.840.10008.1.2.4.70', (c) => native.encodeJpeg(c, { predictor: 1 })],
  HTJ2K: ['1.2.840.10008.1.2.4.201', (c) => native.encodeHtJpeg2000(c)],
};

interface Taken {
  readonly wall: number;
  readonly cpu: number;
  readonly sha256?: string;
}

/**
 * One CT series in each lossless syntax, the same files read by us and by pydicom with each of its decoders, two cores each, in
 * turns. All must give the pixels that were compressed.
 */
export async function compareDecoders(): Promise<void> {
  if (!existsSync(SERIES)) return loudly('NOT COMPARED with pydicom: the test kit ../shared/data is missing');
  const pydicom = await startPydicom();
  if (!pydicom) return loudly('NOT COMPARED with pydicom: python3 has no pydicom and numpy');
  const ours = speaker(onTwoCores(process.execPath, [scriptOf('pellucid.ts')]));
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-bench-'));
  try {
    const volume = await source();
    console.log(
      `\n${volume.shape.join(' × ')} CT, two cores each, medians of ${ROUNDS} in turns after one: ms (ms of CPU)`,
    );
    console.log(
      `pydicom ${pydicom.version}\n${row('', 'first decode', 'decode', 'whole', 'against ours', 'of CPU')}`,
    );
    await codecs.NativeCodecs.initializeAsync();
    for (const [name, [uid, encode]] of Object.entries(SYNTAXES)) {
      const files = join(folder, uid);
      compressInto(files, volume, { uid, encode });
      const readers = [
        { what: `${name}: ours`, ask: ours.ask, plugin: '-' },
        ...(pydicom.plugins[name] ?? []).map((plugin) => ({ what: `  ${plugin}`, ask: pydicom.ask, plugin })),
      ];
      const taken = readers.map(() => ({ decode: [] as Taken[], whole: [] as Taken[] }));
      // The first is not counted: codecs are compiled in it. What it takes is said.
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [i, { ask, plugin }] of readers.entries()) {
          for (const mode of ['decode', 'whole'] as const) {
            taken[i]?.[mode].push(JSON.parse(await ask(`${files} ${plugin} ${mode}`)));
          }
        }
      }
      for (const [i, { what }] of readers.entries()) {
        console.log(
          lineOf(what, taken[i] as Measured, { ours: taken[0] as Measured, truth: hashOf(volume) }),
        );
      }
    }
  } finally {
    ours.end();
    pydicom.end();
    rmSync(folder, { recursive: true });
  }
}

type Measured = Readonly<Record<'decode' | 'whole', readonly Taken[]>>;

function lineOf(what: string, taken: Measured, { ours, truth }: { ours: Measured; truth: string }): string {
  const median = (of: readonly Taken[], by: 'wall' | 'cpu'): number =>
    medianOf(of.slice(1).map((t) => t[by]));
  const time = (of: readonly Taken[]): string =>
    `${median(of, 'wall').toFixed(0)} (${median(of, 'cpu').toFixed(0)})`;
  const ratio = (by: 'wall' | 'cpu'): string =>
    (['decode', 'whole'] as const)
      .map((m) => `${(median(taken[m], by) / median(ours[m], by)).toFixed(2)}`)
      .join(' · ');
  const same = taken.whole.every((t) => t.sha256 === truth) ? '' : '  *** OTHER PIXELS ***';
  const first = (taken.decode[0] as Taken).wall.toFixed(0);
  return `${row(what, first, time(taken.decode), time(taken.whole), ratio('wall'), ratio('cpu'))}${same}`;
}

const row = (...cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padStart(16))).join('');

function loudly(text: string): void {
  console.log(`\n*** ${text} ***`);
}

async function source(): Promise<Volume> {
  const names = readdirSync(SERIES).filter((name) => name.endsWith('.dcm'));
  return assembleVolume(names.map((name) => readPart10(new Uint8Array(readFileSync(join(SERIES, name))))));
}

const hashOf = ({ data }: Volume): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

/** One file a slice, named in the order of the Volume: signed 16 bits, intercept −1024. */
function compressInto(folder: string, volume: Volume, { uid, encode }: { uid: string; encode: Codec }): void {
  mkdirSync(folder);
  const [frames, rows, columns] = volume.shape;
  for (let f = 0; f < frames; f++) {
    const values = volume.data.subarray(f * rows * columns, (f + 1) * rows * columns);
    const stored = new Uint8Array(Int16Array.from(values, (v) => v + 1024).buffer);
    const context = new codecs.Context({
      width: columns,
      height: rows,
      bitsAllocated: 16,
      bitsStored: 16,
      samplesPerPixel: 1,
      pixelRepresentation: 1,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      decodedBuffer: stored,
    });
    const frame = encode(context).getEncodedBuffer() as Uint8Array;
    const file = writePart10(
      {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: `1.2.3.1.${f + 1}`,
        StudyInstanceUID: '1.2.3',
        SeriesInstanceUID: '1.2.3.1',
        FrameOfReferenceUID: '1.2.3.9',
        Modality: 'CT',
        InstanceNumber: f + 1,
        Rows: rows,
        Columns: columns,
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        PixelSpacing: [0.7, 0.7],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        ImagePositionPatient: [-180, -180, f],
        RescaleSlope: 1,
        RescaleIntercept: -1024,
        PixelData: [frame],
      },
      { TransferSyntaxUID: uid },
    );
    writeFileSync(join(folder, `${String(f).padStart(4, '0')}.dcm`), file);
  }
}

interface Speaker {
  /** Sends a line and resolves to the line that answers it. */
  ask(line: string): Promise<string>;
  end(): void;
}

async function startPydicom(): Promise<
  (Speaker & { version: string; plugins: Readonly<Record<string, readonly string[]>> }) | undefined
> {
  const child = onTwoCores('python3', [scriptOf('pydicom_decode.py')]);
  const speaks = speaker(child);
  try {
    const { pydicom, plugins } = JSON.parse(await speaks.ask(''));
    return { ...speaks, version: pydicom, plugins };
  } catch {
    speaks.end();
    return undefined;
  }
}

const scriptOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Held to two cores where the machine has more. */
function onTwoCores(program: string, args: readonly string[]): ChildProcess {
  const held = availableParallelism() > 2 && spawnSync('taskset', ['-V']).status === 0;
  const [command, ...rest] = held ? ['taskset', '-c', '0,1', program, ...args] : [program, ...args];
  return spawn(command as string, rest, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: withAllocator(process.env),
  });
}

/** Lines to and from a process; one that ends answers nothing more. */
function speaker(child: ChildProcess): Speaker {
  const lines: Interface = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const answers = lines[Symbol.asyncIterator]();
  child.on('error', () => lines.close());
  child.stdin?.on('error', () => undefined);
  return {
    ask: async (line) => {
      if (line) child.stdin?.write(`${line}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`no answer to ${line}`);
      return value;
    },
    end: () => void child.kill(),
  };
}
