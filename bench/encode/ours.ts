/**
 * One object by this product: `node ours.ts KIND FOLDER`, KIND SEG, PM, LABELMAP or SR, FOLDER as bench/encode.ts fills it. Prints
 * JSON: CPU milliseconds from the arrays to the object, CPU and wall milliseconds to the file, peak memory, and the size of the file.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Prediction, Volume } from '../../server/contracts.ts';
import { CODES, code, UNITS } from '../../server/dicom/code.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type Context, contextOf, identityOf } from '../../server/encode/context.ts';
import { encodeLabelMap } from '../../server/encode/label-map.ts';
import { encodeParametricMap } from '../../server/encode/parametric-map.ts';
import type { PlacedVolume } from '../../server/encode/planes.ts';
import { encodeReport, type Made } from '../../server/encode/report.ts';
import { encodeSegmentation, SEGMENTATION_STORAGE } from '../../server/encode/segmentation.ts';
import { segmentedOf } from '../../server/encode/segments.ts';
import type { Element, FindingExplanation } from '../../server/explanation.ts';
import { writePieces } from '../../server/store/write-pieces.ts';

const [kind = '', folder = ''] = process.argv.slice(2);
const { shape, segments, groups } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as {
  shape: [number, number, number];
  segments: number;
  groups: number;
};
const header = readPart10(readFileSync(join(folder, '0.dcm'))).dataset;
const SERIES = SeriesInstanceUID.parse(header.SeriesInstanceUID);
const STUDY = StudyInstanceUID.parse(header.StudyInstanceUID);
const volume: Volume & PlacedVolume = {
  shape,
  data: new Float32Array(),
  inverted: false,
  padding: null,
  unit: null,
  PixelSpacing: ['0.7', '0.7'],
  geometry: {
    affine: [0.7, 0, 0, -180, 0, 0.7, 0, -180, 0, 0, 1, 0, 0, 0, 0, 1],
    ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
    spacingBetweenFrames: 1,
    FrameOfReferenceUID: String(header.FrameOfReferenceUID),
  },
  frames: Array.from({ length: shape[0] }, (_, i) => ({
    SOPClassUID: String(header.SOPClassUID),
    SOPInstanceUID: SOPInstanceUID.parse(`${SERIES}.${i + 1}`),
    ImagePositionPatient: ['-180', '-180', String(i)],
  })),
  SeriesInstanceUID: SERIES,
  header,
};
const isReport = kind === 'SR';
const bytes = isReport
  ? Buffer.alloc(0)
  : readFileSync(join(folder, kind === 'PM' ? 'map.f32' : 'labels.u8'));
const prediction: Prediction = {
  model: {
    id: 'bench',
    name: 'Bench',
    version: '1',
    manufacturer: 'Pellucid',
    digest: 'ab'.repeat(32),
    DeviceUID: '2.25.1',
    intendedUse: 'A bench.',
    limits: [],
  },
  findings: Array.from({ length: isReport ? groups : segments }, (_, i) => ({
    kind: 'segment',
    label: {
      label: `Structure ${i + 1}`,
      category: code('91723000', 'SCT', 'Anatomical Structure'),
      type: code('85756007', 'SCT', 'Tissue'),
      rgb: [10 * i, 200, 100],
    },
    number: i + 1,
    voxels: 1,
    volumeMm3: 1,
  })),
  ...(isReport
    ? {}
    : {
        labelMap: {
          shape,
          data: new Uint8Array(bytes.buffer, bytes.byteOffset, kind === 'PM' ? 0 : bytes.length),
        },
      }),
  taps: {},
  parameters: {},
};
const map = {
  name: 'Saliency',
  method: 'bench',
  quantity: CODES.saliency,
  unit: UNITS.one,
  shape,
  data: new Float32Array(bytes.buffer, bytes.byteOffset, kind === 'PM' ? bytes.length / 4 : 0),
  range: [0, 1] as const,
};
const job = {
  analysisId: 'bench',
  arrived: {
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: SERIES,
    fingerprint: 'f',
    instanceCount: shape[0],
    settledAt: '2026-11-25T02:29:00.000Z',
  },
  model: prediction.model,
  why: 'a bench',
  mode: 'clinical' as const,
  createdAt: '2026-11-25T02:30:00.000Z',
};

const [began, used] = [performance.now(), process.cpuUsage()];
const explanation = {
  findings: isReport ? prediction.findings.map((_, i) => explained(i)) : [],
  maps: kind === 'PM' ? [map] : [],
  checks: [],
};
const context = contextOf({ job, volume, prediction, explanation });
const object = encoded();
const made = process.cpuUsage(used);
const file = join(folder, `ours-${kind}.dcm`);
await writePieces(file, object.parts);
const { user, system } = process.cpuUsage(used);
const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
console.log(
  JSON.stringify({
    ms: performance.now() - began,
    made: (made.user + made.system) / 1000,
    cpu: (user + system) / 1000,
    peak: Number(peak) * 1024,
    bytes: statSync(file).size,
  }),
);

function encoded() {
  if (kind === 'PM') return encodeParametricMap(context, volume, 0);
  if (isReport) return encodeReport(context, [segmentationOf(context)]);
  const segmented = segmentedOf(context);
  if (!segmented) throw new Error('the bench has a label map');
  return kind === 'SEG' ? encodeSegmentation(context, segmented) : encodeLabelMap(context, segmented);
}

/** As long as those of a real finding: five elements and two measures. */
function explained(finding: number): FindingExplanation {
  const element: Element = {
    state: 'given',
    sentence: `A sentence of usual length that says of structure ${finding + 1} what a reader wants to know.`,
    method: 'A method in a few words',
  };
  const measure = { value: 0.25 + finding / 512, unit: UNITS.one, sentence: 'What it tells, in a sentence.' };
  return {
    finding,
    sentence: `Structure ${finding + 1} has 12.5 ml.`,
    elements: {
      localization: element,
      visualRecognizability: { state: 'absent', reason: 'There are no reference cases.' },
      physicalAttribution: element,
      modelTransparency: element,
      actionability: element,
    },
    regions: [],
    measures: [
      { name: 'Completeness gap', ...measure },
      { name: CODES.meanMargin.meaning, ...measure },
    ],
  };
}

/** What a report cites; without pixels, which no report reads. */
function segmentationOf(of: Context): Made {
  const object = {
    kind: 'SEG' as const,
    SOPClassUID: SEGMENTATION_STORAGE,
    ...identityOf(of, 'SEG'),
    StudyInstanceUID: STUDY,
    bytes: new Uint8Array(),
    parts: [],
  };
  return { object };
}
