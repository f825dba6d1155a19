import { z } from 'zod';
import { OBJECT_KINDS } from '../contracts.ts';
import type { Dataset, Part10 } from '../dicom/read.ts';
import { text } from '../dicom/read.ts';
import { readSegmentation } from '../results/segmentation.ts';
import { weightOf } from '../shared/colour-map.ts';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import type { Case, CaseFinding, MapQuery, Window } from './contract/case.ts';
import { earlierOf, priorsOf } from './other-results.ts';
import type { InstanceUids } from './outbox.ts';
import { CORRECTED, MASK } from './pictures/colours.ts';
import { mapPicture, thresholdFor } from './pictures/map.ts';
import { maskPicture } from './pictures/mask.ts';
import type { Picture } from './pictures/png.ts';
import { type SourceFrame, sourcePicture, windowOf } from './pictures/source.ts';
import { isOf, MAP_CLASSES, type StoredMap, storedMap } from './pictures/stored-map.ts';
import { factsOf, type InstalledModel, provenanceOf } from './provenance.ts';
import type { Readings } from './readings.ts';
import type { Caller } from './routes.ts';
import { correctedOf } from './stored/corrected.ts';
import type { StoredFinding } from './stored/findings.ts';
import type { Instances } from './stored/instances.ts';
import { type Indexed, type Listed, stateOf } from './stored/objects.ts';
import { type CasePicture, pictureAt, picturesOf, referenceTo, uidsOf } from './stored/pictures.ts';
import { reportOf, type StoredReport } from './stored/report.ts';
import { treeOf } from './stored/tree.ts';
import type { Worklist } from './worklist.ts';

export interface CaseOptions {
  readonly sql: Sql;
  readonly worklist: Pick<Worklist, 'line'>;
  readonly readings: Pick<Readings, 'seenBy'>;
  readonly instances: Instances;
  /** In the archive's index; undefined: not there. */
  readonly find: (uids: InstanceUids) => Promise<Indexed | undefined>;
  /** A frame, from 1, of a source image, decoded. */
  readonly frameOf: (file: Part10, frame: number) => Promise<SourceFrame>;
  /** The package, if it is still installed. */
  readonly modelOf: (id: string, version: string) => Promise<InstalledModel | undefined>;
  /** Earlier studies of the patient whom the report is about, newest first. */
  readonly earlierStudies: (
    report: Dataset,
  ) => Promise<readonly { readonly study: string; readonly at: string }[]>;
}

export type Overlay = 'map' | 'mask' | 'uncertainty' | 'corrected';

export interface Cases {
  /** All of one result, read from the archive. Throws NOT_FOUND and what the archive does. */
  open(analysis: string, caller: Caller): Promise<Case>;
  /** Picture `n`, from 0, through `window`, else as it asks to be shown. Throws NOT_FOUND, and REQUEST_INVALID for a window on colours. */
  picture(analysis: string, n: number, window?: Window): Promise<Picture>;
  /** By which it asks to be shown. Throws NOT_FOUND, also of colours. */
  window(analysis: string, n: number): Promise<Window>;
  /** What is laid over it. Throws NOT_FOUND where nothing was computed. */
  overlay(analysis: string, n: number, kind: Overlay, query: MapQuery): Promise<Picture>;
}

/** An overlay is never longer: the browser enlarges well enough. */
const LONGEST = 1_024;

export function openCases(options: CaseOptions): Cases {
  const { sql, worklist, readings, instances, find, frameOf, modelOf, earlierStudies } = options;

  const load = async (analysis: string): Promise<Loaded> => {
    const record = await recordOf(sql, analysis);
    const listed = record.objects.find(({ kind }) => kind === 'SR');
    if (!listed) throw new Fault('NOT_FOUND', `the result ${analysis} has no report`);
    const uids = { StudyInstanceUID: record.study, ...listed };
    const report = reportOf(await instances.read(uids));
    return { record, report, pictures: await picturesOf(report, record.study, instances) };
  };
  const correction = ({ record: { id, study }, report }: Loaded) =>
    correctedOf(sql, instances, { analysis: id, study, report });
  const frameAt = async (analysis: string, n: number): Promise<SourceFrame> => {
    const { record, report, pictures } = await load(analysis);
    const shown = pictureOf(pictures, n);
    const file = await instances.read(uidsOf(report, record.study, shown.SOPInstanceUID));
    return frameOf(file, shown.frame ?? 1);
  };
  const mapsOf = async (
    { record, report }: Loaded,
    finding: StoredFinding,
  ): Promise<readonly StoredMap[]> => {
    const maps: StoredMap[] = [];
    for (const image of finding.maps.filter((m) => MAP_CLASSES.includes(m.SOPClassUID))) {
      const map = mapIn(await instances.read(uidsOf(report, record.study, image.SOPInstanceUID)));
      if (map) maps.push(map);
    }
    return maps;
  };
  const overlaysOf = async (loaded: Loaded, finding: StoredFinding): Promise<CaseFinding['overlays']> => {
    // Where one cannot be read, `objects` says so.
    const readings = (await mapsOf(loaded, finding).catch(() => [])).map(({ scale }) => scale.reading);
    return [
      ...(readings.includes('evidence') ? (['map'] as const) : []),
      ...(finding.segment ? (['mask'] as const) : []),
      ...(readings.includes('doubt') ? (['uncertainty'] as const) : []),
    ];
  };

  return {
    async open(analysis, caller) {
      const line = await worklist.line(analysis, caller.subject);
      const loaded = await load(analysis);
      const { record, report, pictures } = loaded;
      const seen = await readings.seenBy(analysis, caller.subject);
      const model = await modelOf(line.model.id, line.model.version);
      const corrected = await correction(loaded);
      const [objects, allFindings, earlier, priors] = await Promise.all([
        Promise.all(
          record.objects.map((object) =>
            stateOf(object, { StudyInstanceUID: record.study, instances, find }),
          ),
        ),
        Promise.all(
          report.findings.map(async (finding, i) =>
            shownOf(finding, pictures, [
              ...(await overlaysOf(loaded, finding)),
              ...(corrected?.masks.has(i) ? (['corrected'] as const) : []),
            ]),
          ),
        ),
        earlierOf(sql, record),
        priorsOf(sql, await earlierStudies(report.dataset)),
      ]);
      const key = allFindings.map(({ keyPicture }) => keyPicture).find((n) => n !== undefined);
      return {
        ...line,
        reportUID: text(report.dataset, 'SOPInstanceUID') ?? '',
        pictures: [...pictures],
        allFindings,
        tree: treeOf(report.dataset),
        objects,
        provenance: [...provenanceOf(report, record)],
        modelFacts: factsOf(report, model),
        earlier,
        priors,
        readings: [...seen.readings],
        hidden: seen.hidden,
        ...(seen.draft ? { draft: seen.draft } : {}),
        ...(seen.mine ? { mySignature: seen.mine } : {}),
        maySign:
          caller.unsigned === undefined ? seen.may : { may: false, as: seen.may.as, why: caller.unsigned },
        ...(corrected ? { corrected: { by: corrected.by, at: corrected.at } } : {}),
        viewer: viewerOf(record.study, key === undefined ? undefined : pictures[key]),
      };
    },

    picture: async (analysis, n, window) => sourcePicture(await frameAt(analysis, n), window),

    window: async (analysis, n) => windowOf(await frameAt(analysis, n)),

    async overlay(analysis, n, kind, { finding: index, top, colours, against }) {
      const loaded = await load(analysis);
      const { report, pictures } = loaded;
      const shown = pictureOf(pictures, n);
      const finding = report.findings[index];
      if (!finding) throw new Fault('NOT_FOUND', `the result has no finding ${index}`);
      const size = fitted(shown);
      if (kind === 'mask' || kind === 'corrected') {
        const of = kind === 'mask' ? maskOf(loaded, finding) : (await correction(loaded))?.masks.get(index);
        if (!of) throw new Fault('NOT_FOUND', 'the finding has no such mask');
        const mask = readSegmentation(await instances.read(of.uids));
        const frame = mask.frameList.findIndex(
          (f) => f.segment === of.segment && f.source && isOf(f.source, referenceTo(shown)),
        );
        // Frames without any of it are left out: there the mask is empty, and known to be.
        const values = frame < 0 ? [] : mask.pixels(frame);
        const colour = kind === 'mask' ? MASK : CORRECTED;
        return maskPicture({ rows: mask.rows, columns: mask.columns, values }, size, colour);
      }
      const wanted = kind === 'map' ? 'evidence' : 'doubt';
      const map = (await mapsOf(loaded, finding)).find(({ scale }) => scale.reading === wanted);
      const over = map?.over(referenceTo(shown));
      if (!map || !over) throw new Fault('NOT_FOUND', 'nothing was computed for this image');
      const isAgainst = against === '1';
      return mapPicture(over, map.scale, {
        ...size,
        look: {
          threshold: thresholdFor(map.scale, map.sample(), top, isAgainst),
          isAgainst,
          colours,
          weight: weightOfMap(map, finding),
        },
      });
    },
  };
}

interface Loaded {
  readonly record: AnalysisRecord;
  readonly report: StoredReport;
  readonly pictures: readonly CasePicture[];
}

const Record = z.object({
  id: z.string(),
  study: z.string(),
  series: z.string(),
  why: z.string().nullable(),
  settled_at: z.string(),
  instances: z.int(),
  objects: z.array(
    z.object({
      kind: z.enum(OBJECT_KINDS),
      SOPClassUID: z.string(),
      SOPInstanceUID: z.string(),
      SeriesInstanceUID: z.string(),
    }),
  ),
  made_at: z.date(),
});
export type AnalysisRecord = Omit<z.infer<typeof Record>, 'objects'> & {
  readonly objects: readonly Listed[];
};

async function recordOf(sql: Sql, analysis: string): Promise<AnalysisRecord> {
  const [row] = await sql.query(
    `select a.id, a.study, a.series, a.why, a.settled_at, a.instances, a.objects, c.made_at
      from pellucid.review_case c join pellucid.analysis a on a.id = c.analysis where c.analysis = $1`,
    [analysis],
  );
  if (!row) throw new Fault('NOT_FOUND', `no result ${analysis} is there to be reviewed`);
  return Record.parse(row);
}

/** The model's mask of a finding. */
const maskOf = ({ record, report }: Loaded, { segment }: StoredFinding) =>
  segment && { segment: segment.segment, uids: uidsOf(report, record.study, segment.SOPInstanceUID) };

/** What was made of a file once; a sample of a large map is a walk through all of it. */
const maps = new WeakMap<Part10, StoredMap>();

function mapIn(file: Part10): StoredMap | undefined {
  const known = maps.get(file);
  if (known) return known;
  const map = storedMap(file);
  if (!map) return undefined;
  let sample: Float64Array | undefined;
  const made: StoredMap = { ...map, sample: () => (sample ??= map.sample()) };
  maps.set(file, made);
  return made;
}

function shownOf(
  finding: StoredFinding,
  pictures: readonly CasePicture[],
  overlays: CaseFinding['overlays'],
): CaseFinding {
  const { regions, segment: _, maps: __, trackingUID: ___, best, parameters: ____, ...said } = finding;
  const placed = regions.flatMap(({ image, points, ...region }) => {
    const picture = pictureAt(pictures, image);
    return picture === undefined
      ? []
      : [{ ...region, picture, points: points.map(([x, y]): [number, number] => [x, y]) }];
  });
  const keyPicture = pictureAt(pictures, best) ?? placed[0]?.picture;
  return { ...said, regions: placed, overlays, ...(keyPicture === undefined ? {} : { keyPicture }) };
}

function pictureOf(pictures: readonly CasePicture[], n: number): CasePicture {
  const picture = pictures[n];
  if (!picture) throw new Fault('NOT_FOUND', `the result speaks of ${pictures.length} images, none at ${n}`);
  return picture;
}

/** As the panel: the colours of evidence for a finding that is not there are dimmed by how far its score is from its threshold. */
function weightOfMap({ scale }: StoredMap, { score, threshold }: StoredFinding): number {
  if (scale.reading === 'doubt' || scale.hasAgainst || score === undefined || !threshold) return 1;
  return weightOf(score, threshold);
}

const fitted = ({ rows, columns }: CasePicture): { readonly rows: number; readonly columns: number } => {
  const share = Math.min(1, LONGEST / Math.max(rows, columns));
  return { rows: Math.max(1, Math.round(rows * share)), columns: Math.max(1, Math.round(columns * share)) };
};

const viewerOf = (study: string, picture: CasePicture | undefined): string =>
  `/ai-reading?${new URLSearchParams({
    StudyInstanceUIDs: study,
    ...(picture
      ? { initialSeriesInstanceUID: picture.SeriesInstanceUID, initialSOPInstanceUID: picture.SOPInstanceUID }
      : {}),
  })}`;
