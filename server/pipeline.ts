import { join } from 'node:path';
import { type CaseContext, contextOf } from './case-context.ts';
import type {
  DicomObject,
  Finding,
  ModelJob,
  OptionalKind,
  Prediction,
  Volume,
  WorkState,
} from './contracts.ts';
import { failedChecks } from './encode/checks.ts';
import { encode, type Site } from './encode/index.ts';
import { withoutGroundlessProbabilities } from './explain/checks/reliance.ts';
import type { Engine } from './explain/engine.ts';
import { explain } from './explain/explain.ts';
import type { Explanation, ExplanationCost } from './explanation.ts';
import { infer } from './infer/infer.ts';
import type { Model } from './models/load.ts';
import { onnxRuntime } from './onnx-runtime.ts';
import { fetchSeries } from './retrieve/series.ts';
import { assembleVolume } from './retrieve/volume.ts';
import { giveBack } from './retrieve/volume-memory.ts';
import { Fault } from './shared/fault.ts';
import type { Origin } from './shared/http.ts';
import { store } from './store/index.ts';
import { readSpool, removeSpool, type Spooled, writeSpool } from './store/spool.ts';
import { storeInAll, type Target } from './store/targets.ts';

export interface Surroundings {
  readonly archive: Origin;
  readonly dicomWebPath: string;
  readonly models: readonly Model[];
  readonly spoolFolder: string;
  /** Compiled gradients; may be deleted at any time. */
  readonly gradientFolder: string;
  readonly threads: number;
  /** What a site wants beside the kinds that are always written. */
  readonly alsoWrite: readonly OptionalKind[];
  /** Where the results go beside the archive; an analysis is done when all hold them. */
  readonly furtherTargets: readonly Target[];
  readonly site: Site;
  /** Called when a state begins. */
  readonly onState: (state: WorkState) => void;
  /** Called with the finished objects before the first is stored: whoever listens must know them as ours by then. */
  readonly beforeStore: (objects: readonly DicomObject[]) => Promise<void>;
}

/** One finding as the record keeps it. */
export interface FindingSummary {
  readonly label: string;
  readonly sentence: string;
  readonly score?: number;
  readonly threshold?: number;
  readonly positive?: boolean;
  /** By the package's calibration, 0..1. */
  readonly probability?: number;
  readonly volumeMl?: number;
  /** Of a quantity, in its UCUM unit. */
  readonly value?: number;
  readonly unit?: string;
  /** What the checks found that failed; absent when none did. */
  readonly checkBeforeUse?: readonly string[];
  readonly explanation?: ExplanationCost;
}

export interface Outcome {
  readonly findings: readonly FindingSummary[];
  readonly objects: readonly DicomObject[];
  readonly context: CaseContext;
}

/** What is kept beside the objects until they are stored. */
type Kept = Pick<Outcome, 'findings' | 'context'>;

/**
 * The sentence: retrieve, infer, explain, encode, store. Deterministic from the job, so it may be run again after any
 * failure; finished objects are spooled, so an archive that is down costs no second inference. In shadow it ends after explain.
 */
export async function runPipeline(job: ModelJob, around: Surroundings): Promise<Outcome> {
  if (job.mode === 'shadow') {
    const made = await explained(job, around);
    const kept = keep(made);
    giveBack(made.volume.data);
    return { objects: [], ...kept };
  }
  const folder = join(around.spoolFolder, job.analysisId);
  const left = await readSpool(folder);
  const spooled = left && isKept(left.summary) ? left : await produce(job, around, folder);
  around.onState('storing');
  await around.beforeStore(spooled.objects);
  await store(around.archive, around.dicomWebPath, spooled.objects);
  await storeInAll(around.furtherTargets, spooled.objects);
  await removeSpool(folder);
  return { objects: spooled.objects, ...(spooled.summary as Kept) };
}

async function produce(job: ModelJob, around: Surroundings, folder: string): Promise<Spooled> {
  const made = await explained(job, around);
  around.onState('encoding');
  const objects = encode({ job, ...made }, around.alsoWrite, around.site);
  const spooled = { objects, summary: keep(made) };
  await writeSpool(folder, spooled);
  // Only of a job that went well: what failed may have left an engine reading.
  giveBack(made.volume.data);
  return spooled;
}

const keep = ({ volume, prediction, explanation }: Explained): Kept => ({
  findings: summarise(prediction, explanation),
  context: contextOf(volume),
});

/** A spool that an older version left has no context: its work is done again. */
const isKept = (summary: unknown): summary is Kept =>
  typeof summary === 'object' && summary !== null && 'findings' in summary && 'context' in summary;

interface Explained {
  readonly volume: Volume;
  readonly prediction: Prediction;
  readonly explanation: Explanation;
}

async function explained(job: ModelJob, around: Surroundings): Promise<Explained> {
  const { archive, dicomWebPath, onState, threads } = around;
  const model = modelOf(job, around.models);
  onState('retrieving');
  const { arrived } = job;
  const volume = await assembleVolume(
    fetchSeries(archive, dicomWebPath, arrived),
    arrived.instanceCount,
    model.spec.accepts,
  );
  onState('inferring');
  const prediction = await infer(model, volume, { threads });
  onState('explaining');
  const explanation = await explain(model, { volume, prediction }, engineOf(around));
  return { volume, prediction: withoutGroundlessProbabilities(prediction, explanation), explanation };
}

/** Explanations run as inference does; compiled gradients are kept beside the spool. */
const engineOf = ({ threads, gradientFolder }: Surroundings): Engine => ({
  runtime: onnxRuntime({ intraOpNumThreads: threads }),
  cacheFolder: gradientFolder,
});

/** The package that the job was made for: a package that changed since is another model. For the archive it must be accepted. */
function modelOf({ model, mode }: ModelJob, models: readonly Model[]): Model {
  const found = models.find(({ identity }) => identity.id === model.id && identity.digest === model.digest);
  if (!found)
    throw new Fault(
      'MODEL_PACKAGE_INVALID',
      `${model.id} ${model.version} is not loaded with the digest ${model.digest.slice(0, 12)}`,
    );
  if (mode === 'clinical' && found.notAccepted)
    throw new Fault('MODEL_NOT_ACCEPTED', `${model.id} ${model.version}: ${found.notAccepted}`);
  return found;
}

const summarise = ({ findings }: Prediction, explanation: Explanation): readonly FindingSummary[] =>
  findings.map((finding, i) => {
    const explained = explanation.findings.find((e) => e.finding === i);
    const failed = failedChecks(explanation, i).map(({ sentence }) => sentence);
    return {
      label: finding.label.label,
      sentence: explained?.sentence ?? '',
      ...(failed.length > 0 ? { checkBeforeUse: failed } : {}),
      ...(explained?.cost ? { explanation: explained.cost } : {}),
      ...numbersOf(finding),
    };
  });

function numbersOf(finding: Finding): Partial<FindingSummary> {
  switch (finding.kind) {
    case 'classification': {
      const { score, threshold, positive, probability } = finding;
      return { score, threshold, positive, ...(probability === undefined ? {} : { probability }) };
    }
    case 'segment':
      return { volumeMl: finding.volumeMm3 / 1000 };
    case 'measurement':
      return { value: finding.value, unit: finding.unit.value };
  }
}
