import type { Measure } from './result.ts';

/** A known image that is like this one, from the package of the model. */
export interface KnownImage {
  readonly id: string;
  /** What it turned out to be. */
  readonly truth: string;
  /** In standard deviations of the model's features. */
  readonly distance: number;
}

/** `Distance to known image <case>: <truth>` and its number (docs/result-format.md); the nearest first. */
export const nearestOf = (measures: readonly Measure[]): readonly KnownImage[] =>
  measures.flatMap(({ name, sentence, value }) => {
    const [, id] = NAME.exec(name) ?? [];
    return id !== undefined && value !== undefined ? [{ id, truth: sentence, distance: value }] : [];
  });

export const isOfNearest = ({ name }: Measure): boolean => NAME.test(name);

const NAME = /^Distance to known image ([\w-]+)$/;
