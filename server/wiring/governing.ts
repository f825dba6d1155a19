import { readFileSync } from 'node:fs';
import type { Request } from 'express';
import { z } from 'zod';
import type { Recorder } from '../audit/recorder.ts';
import type { Trail } from '../audit/trail.ts';
import type { Config } from '../config.ts';
import { SeriesInstanceUID, SOPInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import type { Jobs } from '../jobs/index.ts';
import { installed } from '../models/installed.ts';
import { disable, enable } from '../packages/life.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { fetchInstance } from '../retrieve/instance.ts';
import { openIncidents } from '../review/acts/incidents.ts';
import type { Acts } from '../review/acts/routes.ts';
import type { StudyFacts } from '../review/figures/registry.ts';
import type { FiguresOf } from '../review/figures/routes.ts';
import { query as qido, textOf } from '../shared/qido.ts';
import { whoOf } from './noting.ts';

const { version: VERSION } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

interface Parts {
  readonly config: Config;
  readonly jobs: Pick<Jobs, 'sql' | 'analyses'>;
  readonly trail: Trail;
  readonly recorder: Recorder;
}

/** By PS3.6: what a registry asks of a study. */
const FACTS = {
  PatientID: '00100020',
  AccessionNumber: '00080050',
  StudyDate: '00080020',
  StudyDescription: '00081030',
  EthnicGroup: '00102160',
} as const satisfies Record<keyof StudyFacts, string>;

/** What the figures and their exports need of the rest. */
export function figuresOf({ config, jobs, trail, recorder }: Parts): FiguresOf {
  const archive = archiveOf(config);
  const places = modelPlaces(config);
  return {
    sql: jobs.sql,
    studyOf: async (study) => {
      const fields = Object.values(FACTS).map((tag) => `&includefield=${tag}`);
      const [found] = await qido(
        archive,
        `${config.DICOMWEB_PATH}/studies?StudyInstanceUID=${study}${fields.join('')}`,
      );
      if (!found) return undefined;
      return Object.fromEntries(
        Object.entries(FACTS).flatMap(([name, tag]) => {
          const value = textOf(found, tag);
          return value ? [[name, value]] : [];
        }),
      );
    },
    manufacturerOf: async (id, of) =>
      (await installed(places)).models.find(({ identity }) => identity.id === id && identity.version === of)
        ?.identity.manufacturer,
    platform: `Pellucid ${VERSION}`,
    happenings: async (model, { from, to }) => {
      const changes = await trail.list({ object: model, from, to, limit: HAPPENINGS });
      const incidents = await openIncidents(jobs.sql.query).of(model, { from, to });
      return [
        ...changes
          .filter(({ action, outcome }) => action === 'model-changed' && outcome === 'done')
          .map(({ at, whoName, detail = 'changed' }) => ({ at, words: `${detail} (${whoName})` })),
        ...incidents.map(({ at, severity, what }) => ({ at, words: `incident, ${severity}: ${what}` })),
      ].sort((a, b) => b.at.localeCompare(a.at));
    },
    onRegistryRead: (request, model) =>
      recorder.note({
        ...whoOf(request),
        action: 'exported',
        object: model,
        outcome: 'done',
        detail: 'registry rows',
      }),
  };
}

/** As many as a page could ever tell of. */
const HAPPENINGS = 1_000;

/** What stopping a model and looking into an incident need of the rest. */
export function actsOf({ config, jobs, trail, recorder }: Parts): Acts {
  const archive = archiveOf(config);
  const places = modelPlaces(config);
  return {
    query: jobs.sql.query,
    models: async () =>
      (await installed(places)).models.map(({ identity: { id, version, name }, mode, why }) => ({
        id,
        version,
        name,
        mode,
        why,
      })),
    stop: async (model) => void (await disable(model, places)),
    restart: async (model) => void (await enable(model, places)),
    who: ({ identity }: Request) => ({
      subject: identity?.subject ?? 'unknown',
      name: identity?.name ?? 'unknown',
    }),
    evidence: async (incident) => {
      const analysis = await jobs.analyses.get(incident.analysis);
      const about = async (table: string): Promise<readonly unknown[]> =>
        jobs.sql.query(`select * from pellucid.${table} where analysis = $1`, [incident.analysis]);
      return {
        incident,
        records: {
          analysis,
          // Of a case that is still read blind nobody learns here what another said.
          readings: await jobs.sql.query(
            `select r.* from pellucid.review_reading r join pellucid.review_case c on c.analysis = r.analysis
              where r.analysis = $1 and not (c.blind and c.state in ('unread', 'reading'))`,
            [incident.analysis],
          ),
          verdicts: await about('review_verdict'),
          reports: await about('review_report'),
          audit: analysis ? await trail.list({ study: analysis.StudyInstanceUID, limit: HAPPENINGS }) : [],
        },
        objects: (analysis?.objects ?? []).map(
          ({ kind, SOPInstanceUID: uid, SeriesInstanceUID: series }) => ({
            kind,
            SOPInstanceUID: uid,
            read: () =>
              fetchInstance(archive, config.DICOMWEB_PATH, {
                StudyInstanceUID: StudyInstanceUID.parse(analysis?.StudyInstanceUID),
                SeriesInstanceUID: SeriesInstanceUID.parse(series),
                SOPInstanceUID: SOPInstanceUID.parse(uid),
              }),
          }),
        ),
      };
    },
    onAct: (request, { action, object, detail }) =>
      recorder.note({ ...whoOf(request), action, object, outcome: 'done', ...(detail ? { detail } : {}) }),
  };
}
