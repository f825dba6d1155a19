import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type Dataset, type Part10, text } from '../dicom/read.ts';
import { installed } from '../models/installed.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { pixelFormat, samplesRead } from '../retrieve/pixel-format.ts';
import { frameReader, paddingValue } from '../retrieve/pixels.ts';
import { voiOf } from '../retrieve/voi.ts';
import type { CaseOptions } from '../review/cases.ts';
import type { InstanceUids } from '../review/outbox.ts';
import type { SourceFrame } from '../review/pictures/source.ts';
import { query as qido, queryAll, textOf } from '../shared/qido.ts';

/** What opening a case needs of archive, decoders and packages. */
export function caseSources(
  config: Config,
): Pick<CaseOptions, 'find' | 'frameOf' | 'modelOf' | 'earlierStudies'> {
  const archive = archiveOf(config);
  const root = config.DICOMWEB_PATH;
  return {
    find: async ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: InstanceUids) => {
      const fields = Object.values(SIZE).map((tag) => `&includefield=${tag}`);
      const [found] = await qido(
        archive,
        `${root}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances?SOPInstanceUID=${SOPInstanceUID}${fields.join('')}`,
      );
      if (!found) return undefined;
      const size = Object.values(SIZE).map((tag) => Number(textOf(found, tag) ?? 1));
      return {
        SOPClassUID: textOf(found, SOP_CLASS) ?? '',
        bytes: size.reduce((product, n) => product * n, 1) / 8,
      };
    },
    frameOf,
    modelOf: async (id, version) => {
      const model = (await installed(modelPlaces(config))).models.find(
        ({ identity }) => identity.id === id && identity.version === version,
      );
      if (!model) return undefined;
      const { name, intendedUse, limits } = model.identity;
      const card = await readFile(join(model.folder, 'card.md'), 'utf8').catch(() => '');
      return { name, intendedUse, limits, card };
    },
    earlierStudies: (report) => earlierStudies(report, (path) => queryAll(archive, `${root}${path}`, STUDY)),
  };
}

/** By PS3.6: Rows, Columns, NumberOfFrames, SamplesPerPixel, BitsAllocated. */
const SIZE = {
  rows: '00280010',
  columns: '00280011',
  frames: '00280008',
  samples: '00280002',
  bits: '00280100',
};
const SOP_CLASS = '00080016';
const PATIENT = '00100020';
const STUDY = '0020000D';
const DATE = '00080020';

async function frameOf(file: Part10, frame: number): Promise<SourceFrame> {
  const format = pixelFormat(file);
  const { rows, columns } = format;
  const samples = samplesRead(format);
  const data = new Float32Array(rows * columns * samples);
  await frameReader(file, format)(frame - 1, () => data);
  return {
    rows,
    columns,
    samples,
    data,
    inverted: format.photometric === 'MONOCHROME1',
    padding: paddingValue(file, format),
    voi: samples === 1 ? voiOf(file, frame - 1) : undefined,
  };
}

/** Of the same PatientID, before the day of the report's study; none where a query could mean another patient. */
async function earlierStudies(
  report: Dataset,
  ask: (path: string) => ReturnType<typeof queryAll>,
): Promise<readonly { readonly study: string; readonly at: string }[]> {
  const [patient, day] = [text(report, 'PatientID'), text(report, 'StudyDate')];
  if (!patient || !day || /[*?\\]/.test(patient)) return [];
  const found = await ask(
    `/studies?PatientID=${encodeURIComponent(patient)}&includefield=${PATIENT}&includefield=${DATE}`,
  );
  return found
    .flatMap((study) => {
      const [uid, date] = [textOf(study, STUDY), textOf(study, DATE)];
      return uid && date && date < day && textOf(study, PATIENT) === patient
        ? [{ study: uid, at: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}` }]
        : [];
    })
    .sort((a, b) => b.at.localeCompare(a.at));
}
