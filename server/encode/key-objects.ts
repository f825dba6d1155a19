import type { DicomObject, SourceFrame } from '../contracts.ts';
import { CONCEPTS, codeItem } from './concepts.ts';
import { imageValue, textValue } from './content.ts';
import { type Context, finish } from './context.ts';
import { isPresent, keyFrames } from './key-frames.ts';
import { observer } from './observer.ts';
import { citedSeries, frameOf, instancesOf } from './references.ts';

export const KEY_OBJECT_SELECTION_STORAGE = '1.2.840.10008.5.1.4.1.1.88.59';

/**
 * The source images to look at first, as Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010): for viewers that show nothing else of
 * a result. Nothing when nothing was found: a selection has at least one image.
 */
export function encodeKeyObjects(context: Context): DicomObject | undefined {
  const frames = selected(context);
  if (frames.length === 0) return undefined;
  return finish(context, {
    kind: 'KOS',
    SOPClassUID: KEY_OBJECT_SELECTION_STORAGE,
    Modality: 'KO',
    what: 'key images',
    body: {
      ReferencedPerformedProcedureStepSequence: [],
      CurrentRequestedProcedureEvidenceSequence: [
        citedSeries(context.job.arrived.StudyInstanceUID, [
          { SeriesInstanceUID: context.volume.SeriesInstanceUID, instances: instancesOf(frames) },
        ]),
      ],
      ValueType: 'CONTAINER',
      ConceptNameCodeSequence: [codeItem(CONCEPTS.ofInterest)],
      ContinuityOfContent: 'SEPARATE',
      ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '2010' }],
      ContentSequence: [
        ...observer(context),
        textValue(CONCEPTS.keyObjectDescription, descriptionOf(context)),
        ...frames.map((frame) => imageValue(frameOf(frame))),
      ],
    },
  });
}

/** Each frame once, in the order of the findings. */
function selected({ prediction, explanation, volume }: Context): readonly SourceFrame[] {
  const indices = new Set(keyFrames(prediction, explanation, volume.frames.length).flat());
  return [...indices].flatMap((index) => volume.frames[index] ?? []);
}

/** What was found, finding by finding, and that nobody has confirmed it. */
function descriptionOf({ prediction, explanation, model }: Context): string {
  const sentences = prediction.findings.flatMap((finding, index) =>
    isPresent(finding) ? (explanation.findings.find((e) => e.finding === index)?.sentence ?? []) : [],
  );
  return `Selected by ${model.name} ${model.version}, research use, not verified: ${sentences.join(' ')}`;
}
