import { measurement } from './format.ts';
import { isSameVersion } from './priors.ts';
import type { Finding, Measurement, Region, Result } from './result.ts';

/** Where an older result of a model differs from a newer one on the same series, as their reports say it. Findings are named by their labels. */
export interface Changes {
  /** As the reports say it, which may be the same twice, or empty: then name or file of the model is another. */
  readonly version?: Change<string>;
  /** There are scores in both, and they cannot be compared. */
  readonly isOtherScale: boolean;
  readonly foundThen: readonly string[];
  readonly foundNow: readonly string[];
  /** Not found, and said to be so in the one report alone. */
  readonly askedThen: readonly string[];
  readonly askedNow: readonly string[];
  readonly failedThen: readonly FailedCheck[];
  readonly failedNow: readonly FailedCheck[];
  /** The greatest change first, as of volumes. */
  readonly scores: readonly Named<number>[];
  /** ml */
  readonly volumes: readonly Named<number>[];
  readonly values: readonly (Named<Measurement> & { readonly name: string })[];
  readonly outlines: readonly string[];
  /** All above is the same, and sentences, elements, checks or measures are not; only said of one version. */
  readonly details: readonly string[];
}

interface Change<T> {
  readonly was: T;
  readonly now: T;
}
type Named<T> = Change<T> & { readonly label: string };

/** A check that failed in one of the two alone. */
export interface FailedCheck {
  readonly check: string;
  /** None where that is so of each finding. */
  readonly labels: readonly string[];
}

/**
 * From an older result to the newest. A finding is the same by its tracking UID, else by its label. Scores are compared within one version of a model
 * only, as with earlier studies: another has another scale. Masks are not in a report: of those, volumes are compared.
 */
export function changesSince(older: Result, newest: Result): Changes {
  const { pairs, gone, anew } = matched(older.findings, newest.findings);
  const isSame = isSameVersion(older.model, newest.model);
  const scored = pairs.filter(({ was, now }) => was.score && now.score);
  const comparable = isSame ? scored.filter(isOneScale) : [];
  const lost = pairs.filter(({ was, now }) => isFound(was) && !isFound(now));
  const won = pairs.filter(({ was, now }) => !isFound(was) && isFound(now));
  const stayed = pairs.filter(({ was, now }) => isFound(was) === isFound(now));
  return {
    ...(isSame ? {} : { version: { was: older.model.version, now: newest.model.version } }),
    isOtherScale: comparable.length < scored.length,
    foundThen: [...lost.map(labelOf), ...labels(gone.filter(isFound))],
    foundNow: [...won.map(labelOf), ...labels(anew.filter(isFound))],
    askedThen: labels(gone.filter(isNotFound)),
    askedNow: labels(anew.filter(isNotFound)),
    failedThen: failedOnly(pairs, ({ was, now }) => [was, now]),
    failedNow: failedOnly(pairs, ({ was, now }) => [now, was]),
    scores: comparable.flatMap(scoreChange).sort((a, b) => distance(b) - distance(a)),
    volumes: stayed.flatMap(volumeChange).sort((a, b) => part(b) - part(a)),
    values: stayed.flatMap(valueChanges),
    outlines: stayed.filter(hasOtherOutline).map(labelOf),
    details: isSame ? stayed.filter((pair) => hasOtherDetails(pair) && !isTold(pair)).map(labelOf) : [],
  };
}

type Pair = Change<Finding>;

const labelOf = ({ now }: Pair): string => now.label;

/** A detector lists what it found and does not say so of each. */
const isFound = ({ present }: Finding): boolean => present !== false;
const isNotFound = (finding: Finding): boolean => !isFound(finding);
const labels = (findings: readonly Finding[]): readonly string[] => findings.map(({ label }) => label);

interface Matched {
  readonly pairs: readonly Pair[];
  readonly gone: readonly Finding[];
  readonly anew: readonly Finding[];
}

/** Each finding once at most. */
function matched(then: readonly Finding[], now: readonly Finding[]): Matched {
  const before = new Map<Finding, Finding>();
  const free = new Set(then);
  for (const isSame of [hasSameTracking, hasSameLabel])
    for (const finding of now) {
      const was = before.has(finding) ? undefined : [...free].find((each) => isSame(each, finding));
      if (!was) continue;
      before.set(finding, was);
      free.delete(was);
    }
  return {
    pairs: [...before].map(([finding, was]) => ({ was, now: finding })),
    gone: [...free],
    anew: now.filter((finding) => !before.has(finding)),
  };
}

const hasSameTracking = (a: Finding, b: Finding): boolean =>
  a.trackingUID !== '' && a.trackingUID === b.trackingUID;
const hasSameLabel = (a: Finding, b: Finding): boolean => a.label === b.label;

const isOneScale = ({ was, now }: Pair): boolean => was.score?.calibrated === now.score?.calibrated;

function failedOnly(
  pairs: readonly Pair[],
  sides: (pair: Pair) => readonly [here: Finding, there: Finding],
): readonly FailedCheck[] {
  const found = new Map<string, string[]>();
  for (const pair of pairs) {
    const [here, there] = sides(pair).map(failedOf) as [readonly string[], readonly string[]];
    for (const check of here.filter((name) => !there.includes(name)))
      found.set(check, [...(found.get(check) ?? []), labelOf(pair)]);
  }
  return [...found].map(([check, of]) => ({ check, labels: of.length === pairs.length ? [] : of }));
}

const failedOf = ({ checks }: Finding): readonly string[] =>
  checks.filter(({ state }) => state === 'failed').map(({ name }) => name);

/** Less than the fourth decimal is the arithmetic of a machine. */
function scoreChange(pair: Pair): readonly Named<number>[] {
  const [was, now] = [pair.was.score?.value ?? 0, pair.now.score?.value ?? 0];
  return was.toFixed(4) === now.toFixed(4) ? [] : [{ label: labelOf(pair), was, now }];
}

/** To 0.001 ml: 1 mm³. */
function volumeChange(pair: Pair): readonly Named<number>[] {
  const { volumeMl: was } = pair.was;
  const { volumeMl: now } = pair.now;
  if (was === undefined || now === undefined || was.toFixed(3) === now.toFixed(3)) return [];
  return [{ label: labelOf(pair), was, now }];
}

/** What was measured in both under one name, and is written otherwise. */
const valueChanges = (pair: Pair): Changes['values'] =>
  pair.now.measurements.flatMap((now) => {
    const was = pair.was.measurements.find(({ name }) => name === now.name);
    return was && measurement(was) !== measurement(now)
      ? [{ label: labelOf(pair), name: now.name, was, now }]
      : [];
  });

const distance = ({ was, now }: Change<number>): number => Math.abs(now - was);
const part = ({ was, now }: Change<number>): number => Math.abs(now - was) / Math.max(was, now);

/** Pixels: less cannot be seen. */
const UNSEEN = 0.01;

const hasOtherOutline = ({ was, now }: Pair): boolean =>
  was.regions.length !== now.regions.length ||
  was.regions.some((region, i) => !isSameOutline(region, now.regions[i] as Region));

const isSameOutline = (a: Region, b: Region): boolean =>
  a.SOPInstanceUID === b.SOPInstanceUID &&
  a.frame === b.frame &&
  a.points.length === b.points.length &&
  a.points.every((point, i) =>
    point.every((at, axis) => Math.abs(at - (b.points[i]?.[axis] ?? Number.NaN)) < UNSEEN),
  );

/** In the lists before. */
const isTold = (pair: Pair): boolean =>
  [...scoreChange(pair), ...volumeChange(pair), ...valueChanges(pair)].length > 0 ||
  hasOtherOutline(pair) ||
  failedOf(pair.was).join() !== failedOf(pair.now).join();

const hasOtherDetails = ({ was, now }: Pair): boolean =>
  JSON.stringify(detailsOf(was)) !== JSON.stringify(detailsOf(now));

/** All that a report says of a finding in words and numbers: not its objects, which are others in each result. */
const detailsOf = (finding: Finding): readonly unknown[] => [
  finding.sentence,
  finding.score === undefined,
  finding.volumeMl === undefined,
  finding.score?.threshold,
  finding.score?.probability,
  finding.elements,
  finding.checks,
  finding.nextStep,
  finding.measurements,
  finding.measures,
  finding.deletion,
  finding.parameters,
];
