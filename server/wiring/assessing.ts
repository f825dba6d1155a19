import type { Request } from 'express';
import type { Recorder } from '../audit/recorder.ts';
import { archiveOf, type Config } from '../config.ts';
import type { DicomObject } from '../contracts.ts';
import { type Dataset, items, readPart10, text } from '../dicom/read.ts';
import { fetchInstance } from '../retrieve/instance.ts';
import type { Assessing, Decision } from '../review/assessments.ts';
import type { Reading } from '../review/contract/reading.ts';
import type { Readings } from '../review/readings.ts';
import { findingsOf } from '../review/stored/findings.ts';
import { store } from '../store/index.ts';
import { verified } from './correcting.ts';
import { whoOf } from './noting.ts';

/** What an assessment in the panel needs of the rest. Where its report is under review it is a reading there, so that console and panel never disagree. */
export function assessingOf({
  config,
  readings,
  recorder,
  onChanged,
}: {
  readonly config: Config;
  readonly readings: Readings;
  readonly recorder: Recorder;
  readonly onChanged: () => void;
}): Assessing {
  const archive = archiveOf(config);
  const fetch = (report: Decision) => fetchInstance(archive, config.DICOMWEB_PATH, report);
  return {
    organization: config.ASSESSMENT_ORGANIZATION,
    signer: ({ identity }) => (identity?.how === 'session' ? identity.name : undefined),
    before: (request, { SOPInstanceUID }) => readings.beforeAssessing(SOPInstanceUID, subjectOf(request)),
    fetch,
    verify: (report, decision, assessment) =>
      verified(archive, config.DICOMWEB_PATH, { report, decision, assessment }),
    store: (objects) => store(archive, config.DICOMWEB_PATH, objects),
    onAssessed: async (request, decision, objects) => {
      const written = objects[objects.length - 1] as DicomObject;
      recorder.note({
        ...whoOf(request),
        action: 'assessment',
        study: decision.StudyInstanceUID,
        object: written.SOPInstanceUID,
        outcome: 'done',
        detail: decision.verdict,
      });
      const { dataset } = readPart10(await fetch(decision));
      await readings.adopt(decision.SOPInstanceUID, {
        subject: subjectOf(request),
        name: request.identity?.name ?? 'unknown',
        reading: readingOf(dataset, decision, objects),
        written,
      });
      onChanged();
    },
  };
}

const subjectOf = ({ identity }: Request): string => identity?.subject ?? 'unknown';

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
