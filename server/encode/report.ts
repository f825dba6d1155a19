import type { DicomObject, Finding } from '../contracts.ts';
import { ACCEPTANCE_CODE, ANSWER_CODES, CODES } from '../dicom/code.ts';
import { codeOf, text } from '../dicom/read.ts';
import type { Writable } from '../dicom/write.ts';
import type { FindingExplanation } from '../explanation.ts';
import { Fault } from '../shared/fault.ts';
import { checkItems, reportUse } from './checks.ts';
import { CONCEPTS, codeItem, modalityCode, procedureCode } from './concepts.ts';
import { codeValue, container, imageValue, textValue, uidValue } from './content.ts';
import { type Context, finish } from './context.ts';
import { type Evidence, groupsOf } from './group.ts';
import { isPresent, keyFrames } from './key-frames.ts';
import { observer } from './observer.ts';
import { extentsOf } from './place.ts';
import { citedSeries, instancesOf } from './references.ts';

/** An object of the same analysis, and the finding that it is of: none when it is of all. */
export interface Made {
  readonly object: DicomObject;
  readonly finding?: number;
}

export const COMPREHENSIVE_3D_SR_STORAGE = '1.2.840.10008.5.1.4.1.1.88.34';

/**
 * The findings and their explanations as Comprehensive 3D SR (PS3.3 A.35.13) of TID 1500, complete and unverified. `made` are the objects of
 * the same analysis that it refers to. What a reader finds where: docs/result-format.md.
 */
export function encodeReport(context: Context, made: readonly Made[]): DicomObject {
  const { prediction, explanation, volume } = context;
  const keyFramesOf = keyFrames(prediction, explanation, volume.frames.length);
  const { labelMap, findings } = prediction;
  const extents = labelMap ? extentsOf(labelMap, findings.length) : [];
  const groups = prediction.findings.flatMap((finding, index) =>
    groupsOf(context, {
      finding,
      explained: explainedOf(context, index),
      evidence: evidenceOf(made, index),
      keyFrames: keyFramesOf[index] ?? [],
      checks: checkItems(explanation, index),
      extent: finding.kind === 'segment' ? extents[finding.number] : undefined,
    }),
  );
  return finish(context, {
    kind: 'SR',
    SOPClassUID: COMPREHENSIVE_3D_SR_STORAGE,
    Modality: 'SR',
    what: 'report',
    body: {
      ReferencedPerformedProcedureStepSequence: [],
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'UNVERIFIED',
      PreliminaryFlag: 'FINAL',
      PerformedProcedureCodeSequence: [],
      CurrentRequestedProcedureEvidenceSequence: [citedInstances(context, made)],
      ValueType: 'CONTAINER',
      ConceptNameCodeSequence: [codeItem(CODES.imagingMeasurementReport)],
      ContinuityOfContent: 'SEPARATE',
      ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '1500' }],
      ContentSequence: [
        codeValue(CODES.language, CONCEPTS.english, { relationship: 'HAS CONCEPT MOD' }),
        ...observer(context),
        procedure(context),
        imageLibrary(context),
        ...(groups.length > 0 ? [container(CODES.imagingMeasurements, groups)] : []),
        container(CONCEPTS.qualitativeEvaluations, [
          ...reportUse(explanation),
          summaryOf(prediction.findings),
          ...answerItems(context),
          ...acceptanceItem(context),
        ]),
      ],
    },
  });
}

/** With or without findings, said for the whole analysis by a standard code: a negative result is no silence (CID 6047). */
const summaryOf = (findings: readonly Finding[]): Writable =>
  codeValue(
    CONCEPTS.processingSummary,
    findings.some(isPresent) ? CONCEPTS.withFindings : CONCEPTS.withoutFindings,
  );

/** For what use the model was explained, once for the whole report. */
const answerItems = ({ model: { answers } }: Context): readonly Writable[] =>
  Object.entries(answers ?? {}).map(([question, answer]) =>
    textValue(ANSWER_CODES[question as keyof typeof ANSWER_CODES], answer),
  );

const acceptanceItem = ({ model: { acceptance } }: Context): readonly Writable[] =>
  acceptance === undefined ? [] : [textValue(ACCEPTANCE_CODE, acceptance)];

function explainedOf({ explanation }: Context, index: number): FindingExplanation {
  const explained = explanation.findings.find((f) => f.finding === index);
  if (!explained) throw new Fault('ENCODE_INVALID', `ContentSequence: finding ${index} has no explanation`);
  return explained;
}

const reference = ({ SOPClassUID, SOPInstanceUID }: DicomObject): Writable => ({
  ReferencedSOPClassUID: SOPClassUID,
  ReferencedSOPInstanceUID: SOPInstanceUID,
});

const isMask = ({ kind }: DicomObject): boolean => kind === 'SEG' || kind === 'LABELMAP';

/** The segmentation, and the maps of this finding or of all. */
function evidenceOf(made: readonly Made[], index: number): Evidence {
  const segmentation = made.find(({ object }) => object.kind === 'SEG')?.object;
  return {
    ...(segmentation ? { segmentation: reference(segmentation) } : {}),
    explanations: made
      .filter(({ object, finding = index }) => !isMask(object) && finding === index)
      .map(({ object }) => reference(object)),
  };
}

/** The source and what was made beside it, the label map too that no item refers to (PS3.3 C.17.2.1: all that the creator knows of). */
const citedInstances = ({ job, volume }: Context, made: readonly Made[]): Writable =>
  citedSeries(job.arrived.StudyInstanceUID, [
    { SeriesInstanceUID: volume.SeriesInstanceUID, instances: instancesOf(volume.frames) },
    ...made.map(({ object }) => ({
      SeriesInstanceUID: object.SeriesInstanceUID,
      instances: [reference(object)],
    })),
  ]);

/** The imaging procedure, not the AI's: the source's code, else one for its modality. */
function procedure({ volume: { header } }: Context): Writable {
  const reported = codeOf(header, 'ProcedureCodeSequence') ?? procedureCode(text(header, 'Modality') ?? '');
  return codeValue(CONCEPTS.procedureReported, reported, { relationship: 'HAS CONCEPT MOD' });
}

/** TID 1600: the source images. */
function imageLibrary({ volume }: Context): Writable {
  const context = { relationship: 'HAS ACQ CONTEXT' } as const;
  const modality = modalityCode(text(volume.header, 'Modality') ?? '');
  const frameOfReference = volume.geometry?.FrameOfReferenceUID;
  return container(CODES.imageLibrary, [
    container(CODES.imageLibraryGroup, [
      ...(modality ? [codeValue(CONCEPTS.modality, modality, context)] : []),
      ...(frameOfReference ? [uidValue(CONCEPTS.frameOfReference, frameOfReference, context)] : []),
      ...instancesOf(volume.frames).map((image) => imageValue(image)),
    ]),
  ]);
}
