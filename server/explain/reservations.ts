import type { StudyCheck } from '../explanation.ts';

/** What is to be said beside a place and beside a map, whatever kind of result they belong to. */

/** Of a place: what was remarked of the map, so that it may be there, but need not; and what the package warns of. */
export function reservations({
  checks,
  caution,
}: {
  readonly checks: readonly StudyCheck[];
  readonly caution?: string | undefined;
}): readonly string[] {
  const doubts = checks
    .filter(({ name, state }) => state === 'remark' && (name === 'methods' || name === 'baselines'))
    .map(({ sentence }) => sentence);
  return [
    ...(doubts.length > 0 ? ['The place is doubtful.', ...doubts] : []),
    ...(caution === undefined ? [] : [caution]),
  ];
}

/** Of a map: that it is not by the package's own method, or not of the model itself. */
export const substitutes = ({
  fallback,
  surrogate,
}: {
  readonly fallback?: string;
  readonly surrogate: string | null;
}): readonly string[] => [
  ...(fallback ? ['The package’s own method does not work on this model.'] : []),
  ...(surrogate ? ['The map is that of a stand-in for the quantised model.'] : []),
];

/** Why, for the method of the map. */
export const reasons = (...all: readonly (string | null | undefined)[]): string =>
  all
    .filter(Boolean)
    .map((reason) => `; ${reason}`)
    .join('');
