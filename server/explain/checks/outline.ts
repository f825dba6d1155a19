import type { StudyCheck } from '../../explanation.ts';
import { percent } from '../../shared/percent.ts';
import { judged } from './judged.ts';

/** Share of a mask that may be close calls; docs/elements.md. */
const MOST_CLOSE = 0.35;

/** Was most of the mask certain? */
export const checkOutline = (closeShare: number): StudyCheck =>
  judged(
    'outline',
    closeShare <= MOST_CLOSE,
    `${closeShare <= MOST_CLOSE ? 'Little' : 'Much'} of the mask was a close call between two labels: ${percent(closeShare)}.`,
  );
