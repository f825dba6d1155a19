import { mayAct } from '../access/identity.ts';
import type { Recorder } from '../audit/recorder.ts';
import type { Config } from '../config.ts';
import type { CopyRecords } from '../deidentify/records.ts';
import { type Jobs, jobOf } from '../jobs/index.ts';
import { installed } from '../models/installed.ts';
import type { Operations } from '../operations/routes.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import type { RuleBook } from '../route/rule-book.ts';
import { Fault } from '../shared/fault.ts';
import { getJson } from '../shared/http.ts';
import { demand } from './demand.ts';
import { findStudies } from './find-studies.ts';
import { whoOf } from './noting.ts';

/** What the operator's page needs of the rest. */
export function operationsOf({
  config,
  jobs,
  rules,
  recorder,
  copies,
  held,
}: {
  readonly config: Config;
  readonly jobs: Jobs;
  readonly rules: Pick<RuleBook, 'state'>;
  readonly recorder: Recorder;
  readonly copies: CopyRecords;
  readonly held: Operations['held'];
}): Operations {
  const places = modelPlaces(config);
  return {
    jobs,
    held,
    copiesOf: copies.ofStudy,
    refusedCopies: copies.refused,
    copyAgain: copies.retry,
    rules: rules.state,
    find: (text) => findStudies(archiveOf(config), config.DICOMWEB_PATH, text),
    onFound: (request, study) => recorder.studyRead(whoOf(request), study),
    models: async () => {
      const { models, refused } = await installed(places);
      return {
        installed: models.map(({ identity: { id, name, version }, mode, why }) => ({
          id,
          name,
          version,
          mode,
          why,
        })),
        refused: refused.map(({ folder, fault }) => ({ folder, detail: fault.detail })),
      };
    },
    archiveMs: async () => {
      const began = performance.now();
      const answered = await getJson(
        archiveOf(config),
        `${config.DICOMWEB_PATH}/studies?limit=1`,
        'application/dicom+json',
      )
        .then(() => true)
        .catch(() => false);
      return answered ? performance.now() - began : undefined;
    },
    mayAct: ({ identity }) => identity !== undefined && mayAct(identity.role, 'admin'),
    rerun: async (id, model) => {
      const record = await jobs.analyses.get(id);
      if (!record) throw new Fault('NOT_FOUND', 'no analysis has this id');
      if (!model && record.modelId === null)
        throw new Fault(
          'REQUEST_INVALID',
          `no model read this series (${record.reason}): say which shall, as id@version`,
        );
      const key = model ?? `${record.modelId}@${record.modelVersion}`;
      const because = 'the operator asked for it';
      return demand(jobOf(record).arrived, { key, priority: 'normal', because }, { config, jobs });
    },
    onAct: (request, act) => recorder.note({ ...whoOf(request), ...act, outcome: 'done' }),
  };
}
