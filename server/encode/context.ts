import type { DicomObject, ModelIdentity, ModelJob, ObjectKind, Prediction, Volume } from '../contracts.ts';
import { CODES } from '../dicom/code.ts';
import { text, texts } from '../dicom/read.ts';
import { deriveUid } from '../dicom/uid.ts';
import { joined, part10Of, type Writable } from '../dicom/write.ts';
import type { Explanation } from '../explanation.ts';
import { sha256 } from '../shared/digest.ts';
import { type Clock, clockOf } from './clock.ts';
import { codeItem, OUR_SCHEME } from './concepts.ts';
import { patientAndStudy } from './patient.ts';
import { type Site, USUAL_SITE } from './site.ts';
import { clip, plain } from './text.ts';
import { ENCODER_VERSION, PACKAGER } from './version.ts';

/** What one analysis gives to be encoded. */
export interface Results {
  readonly job: ModelJob;
  readonly volume: Volume;
  readonly prediction: Prediction;
  readonly explanation: Explanation;
}

/** What all objects of one analysis share. */
export interface Context extends Results {
  readonly model: ModelIdentity;
  readonly site: Site;
  readonly clock: Clock;
  /** Patient, study, equipment and the dates: the same in every object. */
  readonly common: Writable;
  /** A UID of this analysis, its parameters, the model's acceptance, the site's settings, this encoder and these parts. */
  uid(...parts: readonly (string | number)[]): string;
}

/** One object before it is bytes. */
export interface Draft {
  readonly kind: ObjectKind;
  /** Of several objects of this kind, from 0. */
  readonly index?: number;
  readonly SOPClassUID: string;
  readonly Modality: string;
  /** What it shows, in a word: the end of the Series Description. */
  readonly what: string;
  readonly body: Writable;
  /** When the pixels are compressed. */
  readonly TransferSyntaxUID?: string;
}

/** Series Number by kind, above the site's base: stable, so that a site can find and route our series. */
const SERIES_NUMBERS = {
  SEG: 1,
  LABELMAP: 2,
  PM: 3,
  SR: 4,
  KOS: 5,
  SC: 6,
  MAP: 7,
  PDF: 8,
} as const satisfies Record<ObjectKind, number>;

export function contextOf(results: Results, site: Site = USUAL_SITE): Context {
  const { job, volume, prediction } = results;
  // A package that was checked anew meanwhile says so, in other bytes.
  const { acceptance = '' } = prediction.model;
  const made = sha256(JSON.stringify([sorted(prediction.parameters), sorted({ ...site }), acceptance]));
  const clock = clockOf(job.createdAt, text(volume.header, 'TimezoneOffsetFromUTC'));
  return {
    ...results,
    model: prediction.model,
    site,
    clock,
    common: {
      ...patientAndStudy(volume.header, job.arrived.StudyInstanceUID),
      ...PACKAGER,
      ContributingEquipmentSequence: [modelAsEquipment(prediction.model, clock)],
      InstanceCreationDate: clock.date,
      InstanceCreationTime: clock.time,
      SeriesDate: clock.date,
      SeriesTime: clock.time,
      ContentDate: clock.date,
      ContentTime: clock.time,
      TimezoneOffsetFromUTC: clock.offset,
      ContentQualification: site.contentQualification,
      CodingSchemeIdentificationSequence: [OUR_SCHEME],
    },
    uid: (...parts) => deriveUid(job.analysisId, ENCODER_VERSION, made, ...parts.map(String)),
  };
}

/** The UIDs that an object of this kind has or will have. */
export const identityOf = (context: Context, kind: ObjectKind, index = 0) => ({
  SOPInstanceUID: context.uid('instance', kind, index),
  SeriesInstanceUID: context.uid('series', kind, index),
});

/** The finished object: one series of its own, with what all objects share. */
export function finish(context: Context, draft: Draft): DicomObject {
  const { kind, index = 0, SOPClassUID, Modality, what, body, TransferSyntaxUID } = draft;
  const identity = identityOf(context, kind, index);
  const dataset = {
    ...context.common,
    ...identity,
    SOPClassUID,
    Modality,
    SeriesNumber: context.site.seriesNumberBase + SERIES_NUMBERS[kind],
    SeriesDescription: description(context, what),
    InstanceNumber: 1,
    ...body,
  };
  const parts = part10Of(dataset, TransferSyntaxUID ? { TransferSyntaxUID } : {});
  return {
    kind,
    SOPClassUID,
    ...identity,
    StudyInstanceUID: context.job.arrived.StudyInstanceUID,
    parts,
    get bytes() {
      return joined(parts);
    },
  };
}

const sorted = (record: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** Attributes of the source's lossy compression, which every derived image must carry on (PS3.3 C.7.6.1.1.5). */
export function lossyCompression({ header }: Volume): Writable {
  if (text(header, 'LossyImageCompression') !== '01') return { LossyImageCompression: '00' };
  const ratio = texts(header, 'LossyImageCompressionRatio');
  const method = texts(header, 'LossyImageCompressionMethod');
  return {
    LossyImageCompression: '01',
    ...(ratio.length > 0 ? { LossyImageCompressionRatio: ratio } : {}),
    ...(method.length > 0 ? { LossyImageCompressionMethod: method } : {}),
  };
}

/** `AI <finding> <model> <version> (<what>)` in 64 characters; of a long text the model's name gives way. */
function description({ model, prediction }: Context, what: string): string {
  const [only, ...others] = prediction.findings;
  const subject = only && others.length === 0 ? only.label.label : `${prediction.findings.length} findings`;
  const tail = ` ${model.version} (${what})`;
  return clip(clip(`AI ${subject} ${model.name}`, Math.max(8, 64 - tail.length)) + tail, 64);
}

/** The model as IHE AI Results wants it: new weights have a new Device UID (PS3.3 C.12.1.1.5). */
const modelAsEquipment = (model: ModelIdentity, clock: Clock): Writable => ({
  PurposeOfReferenceCodeSequence: [codeItem(CODES.processingEquipment)],
  Manufacturer: clip(model.manufacturer, 64),
  ManufacturerModelName: clip(model.name, 64),
  DeviceSerialNumber: clip(model.id, 64),
  SoftwareVersions: softwareVersions(model),
  DeviceUID: model.DeviceUID,
  ContributionDateTime: clock.dateTime,
  ContributionDescription: clip([model.intendedUse, ...model.limits].map(plain).join(' '), 1024),
});

/** The version and the digest; a SHA-256 in hexadecimal is the 64 characters that LO holds, so it stands alone. */
const softwareVersions = ({ version, digest }: ModelIdentity): readonly string[] => [
  clip(version, 64),
  clip(digest, 64),
];
