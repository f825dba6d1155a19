import type { Anatomy } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { Measure } from '../explanation.ts';
import { percent } from '../shared/percent.ts';
import type { Grid } from './evidence-regions.ts';

/** How much of the evidence lies in a structure. */
export interface StructureShare {
  readonly name: string;
  /** Of the positive part of the map, 0..1. */
  readonly share: number;
  /** Of the picture, 0..1. */
  readonly fills: number;
}

export interface Context {
  /** Those that were found, the one with most of the evidence first. */
  readonly structures: readonly StructureShare[];
  readonly source: string;
}

/** What share of a map's evidence lies in each structure that was found; undefined without anatomy, or without evidence. */
export function contextOf(map: Grid, anatomy: Anatomy | undefined): Context | undefined {
  if (!anatomy) return undefined;
  const { rows, columns, structures, source } = anatomy;
  const weights = Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor((Math.floor(i / columns) * map.rows) / rows);
    return Math.max(
      0,
      map.data[row * map.columns + Math.floor(((i % columns) * map.columns) / columns)] as number,
    );
  });
  const all = weights.reduce((sum, w) => sum + w, 0);
  if (!(all > 0)) return undefined;
  const shares = structures.map(({ name, mask }): StructureShare => {
    let [inside, places] = [0, 0];
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      inside += weights[i] as number;
      places++;
    }
    return { name, share: inside / all, fills: places / mask.length };
  });
  return {
    structures: shares.filter(({ fills }) => fills > 0).toSorted((a, b) => b.share - a.share),
    source,
  };
}

/** Structures that are named in a sentence. */
const MOST = 2;

/** `62 % of the evidence lies in “Lungs”, which fills 40 % of the picture.` */
export function contextSentence({ structures }: Context): string {
  const said = structures
    .slice(0, MOST)
    .map(
      ({ name, share, fills }, i) =>
        `${percent(share)}${i === 0 ? ' of the evidence lies' : ''} in “${name}”, which fills ${percent(fills)} of the picture`,
    );
  return said.length > 0
    ? `${said.join('; ')}.`
    : 'None of the structures that were looked for was found in the picture.';
}

export const contextMeasures = (context: Context | undefined): readonly Measure[] =>
  (context?.structures ?? []).map(({ name, share, fills }) => ({
    name: `Evidence in ${name}`,
    value: share,
    unit: UNITS.one,
    sentence: `Part of the map’s positive sum that lies there; it fills ${percent(fills)} of the picture.`,
  }));
