import type { Request } from 'express';
import type { Recorder } from '../audit/recorder.ts';
import type { Config } from '../config.ts';
import type { Priority } from '../contracts.ts';
import { PRIVATE_SCHEME } from '../dicom/code.ts';
import type { Jobs } from '../jobs/index.ts';
import { arrivalsOf } from '../listen/arrivals.ts';
import { inStudy } from '../models/canary.ts';
import { type Installed, installed, keyOf } from '../models/installed.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import { dateTime, element, first, itemsOf, type Workitem } from '../worklist/dataset.ts';
import { openWorklist, type Requested, type WorklistRecords } from '../worklist/records.ts';
import type { Worklist } from '../worklist/routes.ts';
import { demand } from './demand.ts';
import { whoOf } from './noting.ts';

interface Around {
  readonly config: Config;
  readonly jobs: Jobs;
}

const LOOK_MS = 1_000;

/** What the worklist needs of the rest, and who performs what is asked of our models. */
export function openWorklistHere({ config, jobs, recorder }: Around & { readonly recorder: Recorder }): {
  readonly worklist: Worklist;
  readonly stop: () => Promise<void>;
} {
  const records = openWorklist(jobs.sql);
  const worklist: Worklist = {
    records,
    jobs,
    modelOf: async (item) => modelNamed(item, (await installed(modelPlaces(config))).models),
    retrieveBase: (request: Request) =>
      `${config.PUBLIC_URL || `${request.protocol}://${request.get('host')}`}/dicom-web`,
    onAct: (request, uid, detail) =>
      recorder.note({ ...whoOf(request), action: 'workitem', object: uid, outcome: 'done', detail }),
  };
  return { worklist, stop: perform(records, { config, jobs }) };
}

/** By our own scheme a model is meant; any other code is for others to perform. */
function modelNamed(item: Workitem, models: readonly Installed[]): string | undefined {
  const [code] = itemsOf(item, 'ScheduledWorkitemCodeSequence');
  if (!code || first(code, 'CodingSchemeDesignator') !== PRIVATE_SCHEME) return undefined;
  const named = first(code, 'LongCodeValue') ?? first(code, 'CodeValue') ?? '';
  const there = models.map(({ identity }) => keyOf(identity));
  if (there.some((key) => key === named || key.startsWith(`${named}@`))) return named;
  throw new Fault('REQUEST_INVALID', `no model ${named} is installed; there are ${there.join(', ')}`);
}

/** Looks for what is due, time and again. Returns how to end that. */
function perform(records: WorklistRecords, around: Around): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const look = (): void => {
    looking = lookOnce(records, around)
      .catch((error: unknown) => {
        const { code, detail } = asFault(error);
        log.warn({ code, detail }, 'the worklist could not be looked at; again later');
      })
      .then(() => {
        if (!stopped) timer = setTimeout(look, LOOK_MS);
      });
  };
  look();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await looking;
  };
}

async function lookOnce(records: WorklistRecords, around: Around): Promise<void> {
  const now = dateTime(new Date().toISOString());
  for (const requested of await records.due()) {
    // Text of DICOM's date and time sorts as time does, in UTC as we write it.
    if (
      (first(requested.dataset, 'ScheduledProcedureStepStartDateTime') ?? '').slice(0, 14) > now.slice(0, 14)
    )
      continue;
    try {
      const begun = await begin(requested, around);
      if (!(await records.link(requested.uid, begun)))
        for (const id of begun) await around.jobs.cancel(id, 'cancelled by its requester');
    } catch (error) {
      const { code, detail, spec } = asFault(error);
      if (spec.retry) throw error;
      log.warn({ workitem: requested.uid, code, detail }, 'a workitem cannot be performed');
      await records.change(requested, {
        state: 'CANCELED',
        dataset: because(requested, `${code}: ${detail}. ${spec.action}`),
      });
    }
  }
}

/** The analyses of what it asks for. Throws the reason when there are none. */
async function begin({ dataset, model }: Requested, { config, jobs }: Around): Promise<readonly string[]> {
  const inputs = itemsOf(dataset, 'InputInformationSequence');
  if (inputs.length === 0)
    throw new Fault('REQUEST_INVALID', 'it names no study: InputInformationSequence is empty');
  const ids: string[] = [];
  const refused: Fault[] = [];
  for (const input of inputs) {
    const study = first(input, 'StudyInstanceUID');
    const series = first(input, 'SeriesInstanceUID');
    const all = await arrivalsOf(`${study}`, {
      archive: archiveOf(config),
      dicomWebPath: config.DICOMWEB_PATH,
      kind: config.ARCHIVE,
      isOwnSeries: jobs.analyses.isOwnSeries,
    });
    const wanted = all.filter((a) => series === undefined || a.SeriesInstanceUID === series);
    if (wanted.length === 0)
      refused.push(
        new Fault(
          'NOT_FOUND',
          `the archive has no settled series of images ${series ?? `in study ${study}`}`,
        ),
      );
    for (const arrived of wanted) {
      try {
        const priority = PRIORITY[first(dataset, 'ScheduledProcedureStepPriority') ?? ''] ?? 'normal';
        const because = 'a workitem asks for it';
        const key = await versionOf(`${model}`, arrived.StudyInstanceUID, config);
        ids.push((await demand(arrived, { key, priority, because }, { config, jobs })).id);
      } catch (error) {
        const fault = asFault(error);
        if (fault.spec.retry) throw fault;
        refused.push(fault);
      }
    }
  }
  // Of a study some series are for the model; why not the others is of interest where none is.
  if (ids.length === 0 && refused[0]) throw refused[0];
  return ids;
}

const PRIORITY: Readonly<Record<string, Priority>> = { HIGH: 'urgent', MEDIUM: 'normal', LOW: 'off-peak' };

/** The version that was asked for, or the one that answers this study, or the newest that is there. */
async function versionOf(model: string, study: string, config: Config): Promise<string> {
  const models = inStudy((await installed(modelPlaces(config))).models, study);
  const versions = models.filter(({ identity }) => identity.id === model || keyOf(identity) === model);
  const best = versions.find(({ mode }) => mode === 'clinical') ?? versions.at(-1);
  return best ? keyOf(best.identity) : model;
}

const because = ({ dataset }: Requested, reason: string): Workitem => ({
  ...dataset,
  ...element('ProcedureStepProgressInformationSequence', {
    ...element('ProcedureStepCancellationDateTime', dateTime(new Date().toISOString())),
    ...element('ReasonForCancellation', reason.slice(0, 10_240)),
  }),
});
