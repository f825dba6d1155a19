import type { Recorder } from '../audit/recorder.ts';
import type { Config } from '../config.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Offer, OnDemand, Series } from '../jobs/on-demand.ts';
import { arrivalsOf } from '../listen/arrivals.ts';
import { inStudy } from '../models/canary.ts';
import { installed, keyOf } from '../models/installed.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { seriesAttributes } from '../route/attributes.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { asModelDecision, decisionsOf } from './decide.ts';
import { demand } from './demand.ts';
import { whoOf } from './noting.ts';

const MOST = 200;

/** What a reader may have run: what reads the series by its package, whatever the rules say, and is neither stopped nor in shadow. */
export function onDemandOf({
  config,
  jobs,
  recorder,
}: {
  readonly config: Config;
  readonly jobs: Jobs;
  readonly recorder: Recorder;
}): OnDemand {
  const offers = async (series: Series): Promise<readonly Offer[]> => {
    const models = inStudy((await installed(modelPlaces(config))).models, series.StudyInstanceUID);
    const attributes = await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, series).catch(
      (error: unknown) => {
        // Nobody said that it had arrived: it is the question that is wrong.
        if (asFault(error).code !== 'RETRIEVE_INCOMPLETE') throw error;
        throw new Fault('NOT_FOUND', `the archive lists no series ${series.SeriesInstanceUID}`);
      },
    );
    const known = await jobs.analyses.list({
      StudyInstanceUID: series.StudyInstanceUID,
      forReaders: true,
      limit: MOST,
    });
    return decisionsOf(attributes, models, undefined).map((decision, i): Offer => {
      const { run, why, ...decided } = asModelDecision(decision, models, undefined);
      const model = keyOf(decided.model);
      const made = known.find(
        (a) =>
          a.SeriesInstanceUID === series.SeriesInstanceUID &&
          a.modelDigest === decided.model.digest &&
          a.state !== 'superseded',
      );
      return {
        model,
        name: models[i]?.identity.name ?? decided.model.id,
        runs: run && decided.shadow === undefined,
        why: run && decided.shadow !== undefined ? `it runs in shadow: ${decided.shadow}` : why,
        ...(made ? { state: made.state } : {}),
      };
    });
  };
  return {
    offers,
    run: async (series, model) => {
      const offer = (await offers(series)).find((each) => each.model === model);
      if (!offer) throw new Fault('REQUEST_INVALID', `no model ${model} is installed any more`);
      if (!offer.runs) throw new Fault('MODEL_REFUSES_SERIES', `${model}: ${offer.why}`);
      const arrivals = await arrivalsOf(series.StudyInstanceUID, {
        archive: archiveOf(config),
        dicomWebPath: config.DICOMWEB_PATH,
        kind: config.ARCHIVE,
        isOwnSeries: jobs.analyses.isOwnSeries,
      });
      const arrived = arrivals.find((each) => each.SeriesInstanceUID === series.SeriesInstanceUID);
      if (!arrived)
        throw new Fault(
          'NOT_FOUND',
          `series ${series.SeriesInstanceUID} is not there, still grows, or holds no images`,
        );
      const because = 'a reader asked for it';
      return demand(arrived, { key: model, priority: 'urgent', because }, { config, jobs });
    },
    onRun: (request, { id, StudyInstanceUID, modelId, modelVersion }) =>
      recorder.note({
        ...whoOf(request),
        action: 'analysis-retried',
        study: StudyInstanceUID,
        object: id,
        outcome: 'done',
        detail: `asked for by a reader, by ${modelId}@${modelVersion}`,
      }),
  };
}
