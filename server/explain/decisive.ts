import type { Curve } from './measures/curves.ts';

/** The least that must be hidden for a positive decision to turn. It says what the model is sensitive to, nothing of disease. */
export type Decisive =
  | { readonly kind: 'regions'; readonly names: readonly string[]; readonly score: number }
  | { readonly kind: 'share'; readonly share: number; readonly score: number };

interface Search {
  readonly names: readonly string[];
  readonly threshold: number;
  /** The score when the regions at these places are hidden together. */
  readonly scoreWithout: (places: readonly number[]) => Promise<number>;
  /** The score while the strongest evidence is hidden step by step. */
  readonly deletion: Curve;
}

/** The smallest set of regions, the first of equals; else the share of the strongest evidence; undefined when nothing turns it. */
export async function decisiveEvidence({
  names,
  threshold,
  scoreWithout,
  deletion,
}: Search): Promise<Decisive | undefined> {
  for (const places of subsets(names.length)) {
    const score = await scoreWithout(places);
    if (score < threshold) return { kind: 'regions', names: places.map((i) => names[i] as string), score };
  }
  // With everything hidden there is no picture to tell of.
  const point = deletion.points.find(({ share, score }) => share < 1 && score < threshold);
  return point && { kind: 'share', ...point };
}

/** All sets of places 0..n−1 but the empty one, small ones first. */
function subsets(n: number): readonly (readonly number[])[] {
  const all = Array.from({ length: 2 ** n - 1 }, (_, code) =>
    Array.from({ length: n }, (_, i) => i).filter((i) => ((code + 1) >> i) & 1),
  );
  return all.toSorted((a, b) => a.length - b.length);
}
