import { PRIVATE_SCHEME } from '../dicom/code.ts';
import type { Analysis } from '../jobs/index.ts';
import { dateTime, element, type Workitem } from './dataset.ts';
import type { StepState } from './states.ts';

/** Each analysis of a model is a workitem, read from its record: the two cannot differ. */

const PUSH = '1.2.840.10008.5.1.4.34.6.1';
const STATES: Readonly<Record<Analysis['state'], StepState>> = {
  queued: 'SCHEDULED',
  retrieving: 'IN PROGRESS',
  inferring: 'IN PROGRESS',
  explaining: 'IN PROGRESS',
  encoding: 'IN PROGRESS',
  storing: 'IN PROGRESS',
  done: 'COMPLETED',
  skipped: 'CANCELED',
  failed: 'CANCELED',
  cancelled: 'CANCELED',
  superseded: 'CANCELED',
};
const STAGES: readonly Analysis['state'][] = [
  'queued',
  'retrieving',
  'inferring',
  'explaining',
  'encoding',
  'storing',
  'done',
];

export const stateOf = ({ state }: Pick<Analysis, 'state'>): StepState => STATES[state];
/** The states of analyses that a workitem's state stands for. */
export const statesOf = (wanted: StepState): readonly Analysis['state'][] =>
  (Object.keys(STATES) as Analysis['state'][]).filter(
    (state) => STATES[state] === wanted && state !== 'skipped',
  );

/** `2.25.` and the decimal of a UUID of version 8 (RFC 9562) that is made of the analysis' id. */
export function uidOf(id: string): string {
  const variant = (8 + (Number.parseInt(id[16] as string, 16) & 3)).toString(16);
  return `2.25.${BigInt(`0x${id.slice(0, 12)}8${id.slice(13, 16)}${variant}${id.slice(17)}`)}`;
}

/** What the id of the analysis behind such a UID is like, as SQL's LIKE has it; undefined for UIDs of others. */
export function likeOf(uid: string): string | undefined {
  if (!/^2\.25\.[1-9]\d{0,38}$/.test(uid)) return undefined;
  const hex = BigInt(uid.slice(5)).toString(16).padStart(32, '0');
  return hex.length === 32 && hex[12] === '8'
    ? `${hex.slice(0, 12)}_${hex.slice(13, 16)}_${hex.slice(17)}`
    : undefined;
}

/** How the model is named: by its id, in our scheme; a request that names it so is performed here. */
export const codeOf = (model: string, meaning: string): Workitem => ({
  // CodeValue holds 16 characters (PS3.3 §8.1).
  ...element(model.length <= 16 ? 'CodeValue' : 'LongCodeValue', model),
  ...element('CodingSchemeDesignator', PRIVATE_SCHEME),
  ...element('CodeMeaning', meaning.slice(0, 64)),
});

export function workitemOf(analysis: Analysis, retrieveBase: string): Workitem {
  const { id, StudyInstanceUID, SeriesInstanceUID, modelId, modelVersion, createdAt, notBefore, priority } =
    analysis;
  return {
    ...element('SOPClassUID', PUSH),
    ...element('SOPInstanceUID', uidOf(id)),
    ...element(
      'ScheduledProcedureStepPriority',
      priority === 'urgent' ? 'HIGH' : priority === 'normal' ? 'MEDIUM' : 'LOW',
    ),
    ...element('ProcedureStepLabel', `${modelId} ${modelVersion}`.slice(0, 64)),
    ...element('WorklistLabel', 'pellucid'),
    ...element('ScheduledProcedureStepStartDateTime', dateTime(notBefore ?? createdAt)),
    ...element('ScheduledWorkitemCodeSequence', codeOf(`${modelId}`, `${modelId} ${modelVersion}`)),
    ...element('InputReadinessState', 'READY'),
    ...element('InputInformationSequence', {
      ...element('TypeOfInstances', 'DICOM'),
      ...element('StudyInstanceUID', StudyInstanceUID),
      ...element('SeriesInstanceUID', SeriesInstanceUID),
      ...element(
        'WADORSRetrievalSequence',
        element('RetrieveURL', `${retrieveBase}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}`),
      ),
    }),
    ...element('ProcedureStepState', stateOf(analysis)),
    ...progressOf([analysis]),
    ...performedOf([analysis], retrieveBase),
  };
}

/** How far analyses are, and why they ended without a result. */
export function progressOf(analyses: readonly Analysis[]): Workitem {
  const parts = analyses.map(({ state }) =>
    stateOf({ state }) === 'CANCELED' ? 1 : STAGES.indexOf(state) / (STAGES.length - 1),
  );
  const percent = Math.round((100 * parts.reduce((sum, p) => sum + p, 0)) / Math.max(1, parts.length));
  const ended = analyses.filter((a) => stateOf(a) === 'CANCELED');
  const reasons = [...new Set(ended.map(reasonOf))].join('; ');
  const isCanceled = ended.length > 0 && ended.length === analyses.length;
  return element('ProcedureStepProgressInformationSequence', {
    ...element('ProcedureStepProgress', percent),
    ...element(
      'ProcedureStepProgressDescription',
      analyses
        .map(({ state, parked }) => parked ?? state)
        .join(', ')
        .slice(0, 1024),
    ),
    ...(isCanceled
      ? {
          ...element(
            'ProcedureStepCancellationDateTime',
            dateTime(
              ended
                .map(({ updatedAt }) => updatedAt)
                .sort()
                .at(-1) as string,
            ),
          ),
          ...element('ReasonForCancellation', reasons.slice(0, 10_240)),
          ...element('ProcedureStepDiscontinuationReasonCodeSequence', UNSPECIFIED),
        }
      : {}),
  });
}

/** CID 9300. */
const UNSPECIFIED = {
  ...element('CodeValue', '110513'),
  ...element('CodingSchemeDesignator', 'DCM'),
  ...element('CodeMeaning', 'Discontinued for unspecified reason'),
};

const reasonOf = ({ state, reason, fault }: Analysis): string => {
  if (state === 'superseded') return 'more images of the series came: another analysis has taken its place';
  return state === 'failed' && fault ? `${fault.code}: ${fault.detail}. ${fault.action}` : (reason ?? state);
};

/** What came of analyses that are done, and where it is; nothing before. */
export function performedOf(analyses: readonly Analysis[], retrieveBase: string): Workitem {
  const done = analyses.filter(({ state }) => state === 'done');
  const [one] = done;
  if (!one) return {};
  const ends = done.map(({ updatedAt }) => updatedAt).sort();
  const begins = done.map(({ createdAt }) => createdAt).sort();
  return element('UnifiedProcedureStepPerformedProcedureSequence', {
    ...element('PerformedStationNameCodeSequence', codeOf('pellucid', 'Pellucid')),
    ...element('PerformedProcedureStepStartDateTime', dateTime(begins[0] as string)),
    ...element('PerformedProcedureStepEndDateTime', dateTime(ends.at(-1) as string)),
    ...element(
      'PerformedWorkitemCodeSequence',
      codeOf(`${one.modelId}`, `${one.modelId} ${one.modelVersion}`),
    ),
    ...element('OutputInformationSequence', ...done.flatMap((a) => outputs(a, retrieveBase))),
  });
}

/** An item for each series of results. */
function outputs({ StudyInstanceUID, objects }: Analysis, retrieveBase: string): readonly Workitem[] {
  const series = [...new Set(objects.map((o) => o.SeriesInstanceUID))];
  return series.map((SeriesInstanceUID) => ({
    ...element('TypeOfInstances', 'DICOM'),
    ...element('StudyInstanceUID', StudyInstanceUID),
    ...element('SeriesInstanceUID', SeriesInstanceUID),
    ...element(
      'ReferencedSOPSequence',
      ...objects
        .filter((o) => o.SeriesInstanceUID === SeriesInstanceUID)
        .map((o) => ({
          ...element('ReferencedSOPClassUID', o.SOPClassUID),
          ...element('ReferencedSOPInstanceUID', o.SOPInstanceUID),
        })),
    ),
    ...element(
      'WADORSRetrievalSequence',
      element('RetrieveURL', `${retrieveBase}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}`),
    ),
  }));
}
