import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import type { Recorder } from '../audit/recorder.ts';
import type { Config } from '../config.ts';
import type { DicomObject } from '../contracts.ts';
import { type Dataset, items, readPart10, text } from '../dicom/read.ts';
import { archiveOf } from '../places.ts';
import { fetchInstance } from '../retrieve/instance.ts';
import type { UnderReview } from '../review/adopting.ts';
import type { Assessing, Decision } from '../review/assessments.ts';
import type { Reading } from '../review/contract/reading.ts';
import type { Reader } from '../review/reading-rows.ts';
import { sentenceOf } from '../review/routes.ts';
import { findingsOf } from '../review/stored/findings.ts';
import { Fault } from '../shared/fault.ts';
import { store } from '../store/index.ts';
import { verified } from './correcting.ts';
import { whoOf } from './noting.ts';
import type { Reviewing } from './reviewing.ts';

interface Parts {
  readonly config: Config;
  readonly reviewing: Pick<Reviewing, 'readings' | 'adopting' | 'outbox' | 'attendant'>;
  readonly recorder: Recorder;
}

/** What an assessment in the panel needs of the rest. Where its report is under review it is a reading there, so that console and panel never disagree. */
export function assessingOf({ config, reviewing, recorder }: Parts): Assessing {
  const { adopting, attendant } = reviewing;
  const archive = archiveOf(config);
  const fetch = (report: Decision) => fetchInstance(archive, config.DICOMWEB_PATH, report);
  const datasetOf = async (report: Decision): Promise<Dataset> => readPart10(await fetch(report)).dataset;
  return {
    organization: config.ASSESSMENT_ORGANIZATION,
    signer: ({ identity }) => (identity?.how === 'session' ? identity.name : undefined),
    before: async (request, decision) => {
      const it = await adopting.before(decision.SOPInstanceUID, readerOf(request).subject);
      if (!it?.isAwaited) return it ?? {};
      const parts = { reviewing, recorder };
      return {
        keep: async () => keep(parts, request, { ...it, decision, report: await datasetOf(decision) }),
      };
    },
    fetch,
    verify: (report, decision, assessment) =>
      verified(archive, config.DICOMWEB_PATH, { report, decision, assessment }),
    store: async (request, { decision, before: { analysis }, objects }) => {
      const written = objects[objects.length - 1] as DicomObject;
      const sent =
        analysis &&
        (await adopting.announce(analysis, {
          ...readerOf(request),
          reading: readingOf(await datasetOf(decision), decision, objects),
          written,
        }));
      try {
        await store(archive, config.DICOMWEB_PATH, objects);
      } catch (error) {
        if (sent) await adopting.fail(sent);
        throw error;
      }
      recorder.note({
        ...whoOf(request),
        action: 'assessment',
        study: decision.StudyInstanceUID,
        object: written.SOPInstanceUID,
        outcome: 'done',
        detail: decision.verdict,
      });
      if (sent) await adopting.confirm(sent);
      attendant.wake();
    },
  };
}

interface Kept extends UnderReview {
  readonly decision: Decision;
  readonly report: Dataset;
}

/** Others are still to read it: a verified report, or a corrected mask, would show them what was said. */
async function keep(
  { reviewing: { readings, outbox, attendant }, recorder }: Pick<Parts, 'reviewing' | 'recorder'>,
  request: Request,
  { analysis, amends, decision, report }: Kept,
): Promise<{ readonly report?: string; readonly sentence: string }> {
  if (decision.verdict === 'modified')
    throw new Fault(
      'READING_REFUSED',
      'two are to read it without seeing each other, and a corrected mask would be seen: reject it with its reason, and correct it once both have signed',
    );
  const reading = readingOf(report, decision, []);
  await readings.sign(
    analysis,
    { key: decision.key ?? randomUUID(), reading, ...(amends ? { amends } : {}) },
    readerOf(request),
  );
  recorder.note({
    ...whoOf(request),
    action: 'assessment',
    study: decision.StudyInstanceUID,
    object: analysis,
    outcome: 'done',
    detail: 'a reading was signed',
  });
  await outbox.work(analysis);
  attendant.wake();
  const { state, report: written } = await readings.stateOf(analysis);
  const sentence = sentenceOf(state, written, await outbox.waitsFor(analysis));
  return { sentence, ...(state === 'judged' && written ? { report: written } : {}) };
}

const readerOf = ({ identity }: Request): Reader => ({
  subject: identity?.subject ?? 'unknown',
  name: identity?.name ?? 'unknown',
});

/** Of a modified result those findings are disagreed with whose masks or outlines were changed. */
function readingOf(report: Dataset, decision: Decision, objects: readonly DicomObject[]): Reading {
  const { verdict, reason, note, outlines } = decision;
  const changed = new Set([
    ...(outlines ?? []).map(({ trackingUID }) => trackingUID),
    ...objects.filter(({ kind }) => kind === 'SEG').flatMap(changedIn),
  ]);
  return {
    findings: findingsOf(report).map(({ trackingUID = '' }, finding) => {
      const isWrong = verdict === 'rejected' || (verdict === 'modified' && changed.has(trackingUID));
      return isWrong
        ? { finding, verdict: 'disagree', reasons: [reason ?? 'segmentation'] }
        : { finding, verdict: 'agree', reasons: [] };
    }),
    ...(note ? { note } : {}),
  };
}

/** Tracking UIDs of the segments that a person changed (encode/correct.ts). */
const changedIn = ({ bytes }: DicomObject): readonly string[] =>
  items(readPart10(bytes).dataset, 'SegmentSequence')
    .filter((segment) => text(segment, 'SegmentAlgorithmType') === 'SEMIAUTOMATIC')
    .flatMap((segment) => text(segment, 'TrackingUID') ?? []);
