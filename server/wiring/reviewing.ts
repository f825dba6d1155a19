import type { Request, Router } from 'express';
import { mayAct } from '../access/identity.ts';
import type { Recorder } from '../audit/recorder.ts';
import type { Config } from '../config.ts';
import { ASSESSMENT_REASONS } from '../dicom/code.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { verifyFindings } from '../encode/verify-findings.ts';
import type { Jobs } from '../jobs/index.ts';
import { archiveOf } from '../places.ts';
import { fetchInstance } from '../retrieve/instance.ts';
import { type Adopting, openAdopting } from '../review/adopting.ts';
import { type Attendant, openAttendant } from '../review/attendant.ts';
import { openCaseRouter } from '../review/case-routes.ts';
import { openCases } from '../review/cases.ts';
import { type InstanceUids, type Outbox, openOutbox } from '../review/outbox.ts';
import { planningRouter } from '../review/planning-routes.ts';
import { openPlans } from '../review/plans.ts';
import { openReadings, type Readings } from '../review/readings.ts';
import { type Caller, caseRouter } from '../review/routes.ts';
import { settle } from '../review/settle.ts';
import { openInstances } from '../review/stored/instances.ts';
import { openViews } from '../review/views.ts';
import { openWorklist } from '../review/worklist.ts';
import { store } from '../store/index.ts';
import { whoOf } from './noting.ts';
import { caseSources } from './reading-cases.ts';

export interface Reviewing {
  readonly routers: readonly Router[];
  readonly attendant: Attendant;
  readonly readings: Readings;
  readonly adopting: Adopting;
  readonly outbox: Outbox;
}

/** The review of results: its parts, and what they need of the rest. */
export function openReviewing({
  config,
  jobs,
  recorder,
}: {
  readonly config: Config;
  readonly jobs: Pick<Jobs, 'sql' | 'onChange'>;
  readonly recorder: Recorder;
}): Reviewing {
  const { sql } = jobs;
  const archive = archiveOf(config);
  const plans = openPlans(sql, settle);
  const worklist = openWorklist(sql);
  const readings = openReadings(sql);
  const fetch = (uids: InstanceUids) => fetchInstance(archive, config.DICOMWEB_PATH, addressOf(uids));
  const outbox = openOutbox({
    sql,
    fetch,
    write: (report, { persons, verdicts, notes, at }, predecessor) =>
      verifyFindings(report, {
        persons: persons.map((p) => ({ person: personName(p.name), at: p.at })),
        organization: config.ASSESSMENT_ORGANIZATION,
        findings: verdicts.map(({ verdict, reasons, explanation }) => ({
          verdict,
          reasons: reasons.map((reason) => ASSESSMENT_REASONS[reason]),
          explanation,
        })),
        notes,
        at,
        predecessor,
      }),
    store: (object) => store(archive, config.DICOMWEB_PATH, [object]),
    onStored: ({ study, report, content }) => {
      for (const { subject, name } of content.persons)
        recorder.note({
          who: subject,
          whoName: name,
          action: 'assessment',
          study,
          object: report,
          outcome: 'done',
          detail: 'the verified report is in the archive',
        });
    },
  });
  const attendant = openAttendant({ sql, plans, outbox });
  jobs.onChange(({ state }) => {
    if (state === 'done' || state === 'superseded') attendant.wake();
  });
  const callerOf = (request: Request): Caller => signerOf(request, config.ASSESSMENT_ORGANIZATION);
  return {
    attendant,
    readings,
    adopting: openAdopting(sql),
    outbox,
    routers: [
      caseRouter({
        sql,
        worklist,
        readings,
        outbox,
        attendant,
        callerOf,
        onSigned: (request, { analysis, study }) =>
          recorder.note({
            ...whoOf(request),
            action: 'assessment',
            study,
            object: analysis,
            outcome: 'done',
            detail: 'a reading was signed',
          }),
      }),
      openCaseRouter({
        cases: openCases({
          sql,
          worklist,
          readings,
          instances: openInstances(fetch),
          ...caseSources(config),
        }),
        callerOf,
        onOpened: (request, study) => recorder.studyRead(whoOf(request), study),
      }),
      planningRouter({
        plans,
        views: openViews(sql, worklist),
        attendant,
        callerOf,
        onPlanned: (request, { id, detail }) =>
          recorder.note({ ...whoOf(request), action: 'review-plan', object: id, outcome: 'done', detail }),
      }),
    ],
  };
}

/** A person who is logged in signs, and nobody else: neither a program nor whoever sits at a machine without log-in. */
function signerOf({ identity }: Request, organization: string): Caller {
  const caller = {
    subject: identity?.subject ?? 'unknown',
    name: identity?.name ?? 'unknown',
    mayPlan: identity !== undefined && mayAct(identity.role, 'admin'),
  };
  if (organization === '') return { ...caller, unsigned: 'ASSESSMENT_ORGANIZATION is not set' };
  return identity?.how === 'session' ? caller : { ...caller, unsigned: 'nobody is logged in' };
}

/** PS3.5 §6.2: these three part a name. */
const personName = (name: string): string => name.replace(/[\^=\\]/g, ' ').trim();

const addressOf = (uids: InstanceUids) => ({
  StudyInstanceUID: StudyInstanceUID.parse(uids.StudyInstanceUID),
  SeriesInstanceUID: SeriesInstanceUID.parse(uids.SeriesInstanceUID),
  SOPInstanceUID: SOPInstanceUID.parse(uids.SOPInstanceUID),
});
