/**
 * Objects from arrays to files, beside highdicom, each in a process of its own and in turns:
 *
 *     node bench/run.ts encode                      SEG of 20 segments and PM over 300 frames of 512², SR of 100 groups
 *     BENCH_LABEL_MAP_GB=2 node bench/run.ts encode     also a label map of so many GB, of ours alone
 *
 * highdicom is where set-up installs it (.cache/python); without it only ours is measured. Medians of three; ratios count. `bare write` is
 * the same bytes from memory to a file: no writer takes less.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { writePart10 } from '../server/dicom/write.ts';

const ROUNDS = 3;
const SEGMENTS = 20;
const GROUPS = 100;
const packages = fileURLToPath(new URL('../.cache/python', import.meta.url));
const python = existsSync(join(packages, 'highdicom')) ? 'python3' : undefined;
const gigabytes = Number(process.env.BENCH_LABEL_MAP_GB ?? 0);
const Cost = z.object({
  made: z.number(),
  ms: z.number(),
  cpu: z.number(),
  peak: z.number(),
  bytes: z.number(),
});
type Cost = z.infer<typeof Cost>;

const folder = mkdtempSync(join(tmpdir(), 'pellucid-bench-'));
try {
  const usual = caseOf('usual', [300, 512, 512]);
  writeFileSync(join(usual, 'map.f32'), floats(300 * 512 * 512));
  console.log(
    `| object | by | CPU s to the object | CPU s to the file | s to the file | peak MB | file MB |\n|${' --- |'.repeat(7)}`,
  );
  for (const kind of ['SEG', 'PM', 'LABELMAP', 'SR']) {
    const costs: Record<'ours' | 'theirs' | 'bare', Cost[]> = { ours: [], theirs: [], bare: [] };
    for (let round = 0; round < ROUNDS; round++) {
      costs.ours.push(ours(kind, usual));
      costs.bare.push(child(process.execPath, 'bare-write.ts', [join(usual, `ours-${kind}.dcm`)]));
      if (python) costs.theirs.push(theirs(python, kind, usual));
    }
    const [we, they] = [medians(costs.ours), medians(costs.theirs)];
    console.log(row(kind, 'Pellucid', we));
    console.log(row(kind, 'bare write', medians(costs.bare)));
    if (!they || !we) continue;
    console.log(row(kind, 'highdicom', they));
    const times = (of: keyof Cost): string => (they[of] / we[of]).toFixed(1);
    console.log(
      `| ${kind} | highdicom / Pellucid | ${times('made')} | ${times('cpu')} | ${times('ms')} | ${times('peak')} | |`,
    );
  }
  if (gigabytes > 0) {
    const size = Math.round(gigabytes * 1e9);
    const large = caseOf('large', [Math.ceil(size / 2 ** 20), 1024, 1024]);
    const cost = ours('LABELMAP', large);
    console.log(row(`LABELMAP of ${gigabytes} GB`, 'Pellucid', cost));
    console.log(`peak memory ${(cost.peak / size).toFixed(2)} × the label map`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function ours(kind: string, of: string): Cost {
  return child(process.execPath, 'ours.ts', [kind, of]);
}

function theirs(program: string, kind: string, of: string): Cost {
  return child(program, 'highdicom_child.py', [kind, of]);
}

function child(program: string, script: string, words: readonly string[]): Cost {
  const path = fileURLToPath(new URL(`encode/${script}`, import.meta.url));
  const env = { ...process.env, PYTHONPATH: packages };
  return Cost.parse(JSON.parse(execFileSync(program, [path, ...words], { encoding: 'utf8', env })));
}

/** A folder with the headers of CT slices and a label map over them: twenty ellipses that wander from frame to frame. */
function caseOf(name: string, shape: readonly [number, number, number]): string {
  const path = join(folder, name);
  mkdirSync(path);
  const [frames, rows, columns] = shape;
  writeFileSync(join(path, 'case.json'), JSON.stringify({ shape, segments: SEGMENTS, groups: GROUPS }));
  for (let i = 0; i < frames; i++) writeFileSync(join(path, `${i}.dcm`), slice(i, rows, columns));
  const file = openSync(join(path, 'labels.u8'), 'w');
  for (let i = 0; i < frames; i++) writeSync(file, labels(i, rows, columns));
  closeSync(file);
  return path;
}

function labels(frame: number, rows: number, columns: number): Uint8Array {
  const out = new Uint8Array(rows * columns);
  const [down, across] = [rows / 4, columns / 5];
  for (let segment = 1; segment <= SEGMENTS; segment++) {
    const y0 = (Math.floor((segment - 1) / 5) + 0.5) * down + 6 * Math.sin(frame / 9 + segment);
    const x0 = (((segment - 1) % 5) + 0.5) * across + 6 * Math.cos(frame / 7 + segment);
    const [ry, rx] = [0.35 * down, 0.38 * across];
    for (let y = Math.ceil(y0 - ry); y < y0 + ry; y++) {
      const half = rx * Math.sqrt(Math.max(0, 1 - ((y - y0) / ry) ** 2));
      out.fill(segment, y * columns + Math.ceil(x0 - half), y * columns + Math.floor(x0 + half));
    }
  }
  return out;
}

function floats(count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = ((i * 40_503) % 65_536) / 65_536;
  return values;
}

function slice(frame: number, rows: number, columns: number): Uint8Array {
  return writePart10({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    SOPInstanceUID: `1.2.3.1.${frame + 1}`,
    StudyInstanceUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.1',
    FrameOfReferenceUID: '1.2.3.9',
    PositionReferenceIndicator: null,
    Modality: 'CT',
    PatientID: 'BENCH',
    PatientName: 'Bench',
    PatientBirthDate: null,
    PatientSex: null,
    StudyID: null,
    StudyDate: null,
    StudyTime: null,
    AccessionNumber: null,
    ReferringPhysicianName: null,
    InstanceNumber: frame + 1,
    Rows: rows,
    Columns: columns,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    PixelSpacing: [0.7, 0.7],
    SliceThickness: 1,
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    ImagePositionPatient: [-180, -180, frame],
  });
}

function medians(costs: readonly Cost[]): Cost | undefined {
  if (costs.length === 0) return undefined;
  const median = (of: keyof Cost): number =>
    costs.map((c) => c[of]).toSorted((a, b) => a - b)[costs.length >> 1] as number;
  return {
    made: median('made'),
    ms: median('ms'),
    cpu: median('cpu'),
    peak: median('peak'),
    bytes: median('bytes'),
  };
}

function row(kind: string, by: string, cost: Cost | undefined): string {
  if (!cost) return '';
  const { made, ms, cpu, peak, bytes } = cost;
  const seconds = [made, cpu, ms].map((v) => (v / 1000).toFixed(2)).join(' | ');
  return `| ${kind} | ${by} | ${seconds} | ${(peak / 1e6).toFixed(0)} | ${(bytes / 1e6).toFixed(0)} |`;
}
