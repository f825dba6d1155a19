import type { Anatomy, Tap } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { Measure } from '../explanation.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { percent } from '../shared/percent.ts';
import { contextOf } from './anatomy.ts';
import type { Grid } from './evidence-regions.ts';

/** Greys, of 1, from either end that are plain: as a picture shows what lies beside the body, what is written on it, and greys that are cut off. */
const PLAIN = 0.02;

/** Where the prepared picture [1, c, rows, columns] is plain black or plain white: nothing of the body can be seen there. */
export function plainGround(
  { dims, data }: Tap,
  { mean, std }: Pick<ClassificationSpec['input'], 'mean' | 'std'>,
): Anatomy {
  const [, , rows = 1, columns = 1] = dims;
  const mask = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const grey = (data[i] as number) * (std[0] ?? 1) + (mean[0] ?? 0);
    return grey <= PLAIN || grey >= 1 - PLAIN ? 1 : 0;
  });
  return { rows, columns, structures: [{ name: NAME, mask }], source: 'the greys of the picture' };
}

const NAME = 'plain black or white';

/** What share of a map's evidence lies there, 0..1; undefined without evidence. */
export function shareOnPlain(map: Grid, ground: Anatomy): number | undefined {
  const context = contextOf(map, ground);
  return context && (context.structures[0]?.share ?? 0);
}

export function plainSentence(share: number): string {
  const part = share > 0 ? percent(share) : 'none';
  return `${part.charAt(0).toUpperCase()}${part.slice(1)} of the evidence lies where the picture is ${NAME}: beside the body, on writing, or cut off.`;
}

export const plainMeasure = (share: number | undefined): readonly Measure[] =>
  share === undefined
    ? []
    : [
        {
          name: 'Evidence on plain black or white',
          value: share,
          unit: UNITS.one,
          sentence: 'Part of the map’s positive sum that lies where the picture shows nothing of the body.',
        },
      ];
