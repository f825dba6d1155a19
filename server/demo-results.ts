import { getJson, type Origin } from './shared/http.ts';

/** What the demo reads of GET /api/analyses. */
export interface Analysis {
  readonly id: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly modelId: string | null;
  readonly mode: string | null;
  /** Why it ran in shadow. */
  readonly shadow: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly fault: { readonly code: string; readonly detail: string; readonly action: string } | null;
  readonly findings: readonly {
    readonly label: string;
    readonly sentence: string;
    readonly score?: number;
    readonly threshold?: number;
    readonly volumeMl?: number;
    /** The checks that failed, in words. */
    readonly checkBeforeUse?: readonly string[];
  }[];
  readonly objects: readonly { readonly kind: string; readonly SOPInstanceUID: string }[];
}

const FINAL = ['done', 'failed', 'skipped', 'superseded'];

/** Polls the server until every series has an analysis and none is at work. */
export async function waitForResults(
  server: Origin,
  series: ReadonlySet<string>,
  progress: (line: string) => void,
): Promise<readonly Analysis[]> {
  const start = Date.now();
  for (;;) {
    const { analyses } = (await getJson(server, '/api/analyses?limit=500')) as {
      analyses: readonly Analysis[];
    };
    const ours = analyses.filter((a) => series.has(a.SeriesInstanceUID));
    const seen = new Set(ours.map((a) => a.SeriesInstanceUID));
    const working = ours.filter((a) => !FINAL.includes(a.state));
    if (seen.size === series.size && working.length === 0)
      return ours.filter((a) => a.state !== 'superseded');
    const states = working.map((a) => `${a.modelId ?? 'series'} ${a.state}`).join(', ');
    progress(`${Math.round((Date.now() - start) / 1000)} s: ${states || 'waiting for the series to settle'}`);
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** Objects of finished analyses that the archive, asked by QIDO-RS, does not list. */
export async function missingObjects(
  archive: Origin,
  analyses: readonly Analysis[],
): Promise<readonly string[]> {
  const checks = analyses.flatMap((a) =>
    a.objects.map(async ({ kind, SOPInstanceUID }) => {
      const path = `/dicom-web/studies/${a.StudyInstanceUID}/instances?SOPInstanceUID=${SOPInstanceUID}`;
      const found = ((await getJson(archive, path, 'application/dicom+json')) ?? []) as readonly unknown[];
      return found.length === 1 ? [] : [`${kind} ${SOPInstanceUID}`];
    }),
  );
  return (await Promise.all(checks)).flat();
}

/** Packages that might have read a series that was skipped, but do not load: each with its reason. */
export async function describeRefused(server: Origin): Promise<string> {
  const { refused } = (await getJson(server, '/api/models')) as {
    refused: readonly { readonly folder: string; readonly fault: { readonly detail: string } }[];
  };
  return refused.map(({ folder, fault }) => `Not loaded: ${folder}: ${fault.detail}`).join('\n');
}

/** The table: finding, score against threshold or volume, objects stored, and the address to open. */
export function describeResults(
  analyses: readonly Analysis[],
  server: Origin,
  missing: readonly string[],
): string {
  const objects = analyses.reduce((n, a) => n + a.objects.length, 0);
  return [
    ...analyses.flatMap((analysis) => describe(analysis, server)),
    '',
    missing.length
      ? `The archive does not list: ${missing.join(', ')}`
      : `The archive lists all ${objects} objects.`,
  ].join('\n');
}

function describe(
  { modelId, shadow, state, reason, fault, findings, objects, StudyInstanceUID }: Analysis,
  server: Origin,
): readonly string[] {
  return [
    '',
    `${modelId ?? 'No model'}: ${state}${shadow === null ? '' : ` in shadow, nothing is stored: ${shadow}`}`,
    ...(reason ? [`  ${reason}`] : []),
    ...(fault ? [`  ${fault.code}: ${fault.detail}`, `  What to do: ${fault.action}`] : []),
    ...findings.map(lineOf),
    ...[...new Set(findings.flatMap(({ checkBeforeUse = [] }) => checkBeforeUse))].map(
      (words) => `  Check before use: ${words}`,
    ),
    ...(objects.length
      ? [
          `  Stored: ${objects.map((o) => o.kind).join(', ')}`,
          `  Open:   ${server.url}/viewer?StudyInstanceUIDs=${StudyInstanceUID}`,
        ]
      : []),
  ];
}

/** What failed its checks is not to be read without the mark. */
function lineOf({
  label,
  sentence,
  score,
  threshold = 0,
  volumeMl,
  checkBeforeUse,
}: Analysis['findings'][number]): string {
  const mark = checkBeforeUse ? '  CHECK BEFORE USE' : '';
  const name = `  ${label.padEnd(30)}`;
  if (score !== undefined)
    return `${name} score ${score.toFixed(2)}, threshold ${threshold.toFixed(2)}${mark}  ${sentence}`;
  return volumeMl === undefined
    ? `${name} ${sentence}${mark}`
    : `${name} ${volumeMl.toFixed(2).padStart(8)} ml${mark}`;
}
