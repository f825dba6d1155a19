import type { LabelMap, SegmentFinding, Volume } from '../contracts.ts';
import { LATERALITIES } from '../dicom/code.ts';

/** A structure on both sides, in the same unit. */
export interface Sides {
  readonly left: number;
  readonly right: number;
  /** How the two were told apart. */
  readonly by: 'labels' | 'middle';
}

/** By how much the left exceeds the right, of their mean: 0 is even, −2..2. */
export const asymmetry = ({ left, right }: Sides): number => (2 * (left - right)) / (left + right);

interface Labelled {
  readonly finding: SegmentFinding;
  /** One label for both sides. */
  readonly paired: boolean;
}

/**
 * The volumes in mm³ of the two sides, by place of the finding: of labels of the same type with a side each, and of a label for both by
 * the half that a voxel lies in. The middle is the plane that all structures lie about evenly: it turns and tilts with the head.
 */
export function sidesOf(
  labelled: readonly Labelled[],
  labelMap: LabelMap,
  { geometry }: Volume,
): readonly (Sides | undefined)[] {
  const numbers = labelled.flatMap(({ paired, finding }) => (paired ? [finding.number] : []));
  const halves = geometry && numbers.length > 0 ? leftShares(labelMap, geometry.affine, labelled.length) : [];
  return labelled.map(({ finding, paired }) => {
    if (finding.voxels === 0) return undefined;
    if (paired) {
      const share = halves[finding.number];
      return share === undefined
        ? undefined
        : { left: share * finding.volumeMm3, right: (1 - share) * finding.volumeMm3, by: 'middle' };
    }
    const other = labelled.find((o) => isOtherSide(finding, o.finding));
    if (!other) return undefined;
    const [own, its] = [finding.volumeMm3, other.finding.volumeMm3];
    const isLeft = finding.label.laterality?.value === LATERALITIES.left.value;
    return { left: isLeft ? own : its, right: isLeft ? its : own, by: 'labels' };
  });
}

const ONE_SIDE: readonly string[] = [LATERALITIES.left.value, LATERALITIES.right.value];

function isOtherSide({ label: a }: SegmentFinding, { label: b }: SegmentFinding): boolean {
  const [x, y] = [a.laterality?.value ?? '', b.laterality?.value ?? ''];
  const isSame =
    a.type.value === b.type.value && a.type.scheme === b.type.scheme && a.site?.value === b.site?.value;
  return isSame && x !== y && ONE_SIDE.includes(x) && ONE_SIDE.includes(y);
}

/** Of each segment, the share of voxels to the left of the middle; undefined of what is not there. */
function leftShares(
  { shape: [frames, rows, columns], data }: LabelMap,
  affine: readonly number[],
  count: number,
): readonly (number | undefined)[] {
  const along = ([perColumn = 0, perRow = 0, perFrame = 0]: readonly number[]) =>
    [perColumn, perRow, perFrame] as const;
  const [x, y, z] = [along(affine), along(affine.slice(4)), along(affine.slice(8))];
  const each = (visit: (label: number, x: number, y: number, z: number) => void): void => {
    for (let frame = 0, at = 0; frame < frames; frame++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++, at++) {
          const label = data[at] as number;
          if (label === 0) continue;
          visit(
            label,
            x[0] * column + x[1] * row + x[2] * frame,
            y[0] * column + y[1] * row + y[2] * frame,
            z[0] * column + z[1] * row + z[2] * frame,
          );
        }
  };
  const middle = middlePlane((visit) => each((_, ...place) => visit(...place)));
  const left = new Float64Array(count + 1);
  const total = new Float64Array(count + 1);
  // Left is where x grows, in LPS.
  each((label, px, py, pz) => {
    const beyond = px - middle(py, pz);
    total[label] = (total[label] as number) + 1;
    // A voxel right on the middle is half on either side.
    left[label] = (left[label] as number) + (Math.abs(beyond) < 1e-9 ? 0.5 : beyond > 0 ? 1 : 0);
  });
  return Array.from(total, (n, label) => (n > 0 ? (left[label] as number) / n : undefined));
}

type Visit = (x: number, y: number, z: number) => void;

/** x of the middle at a height and depth: least squares of x on y and z over all places; a constant where they do not spread. */
function middlePlane(each: (visit: Visit) => void): (y: number, z: number) => number {
  let n = 0;
  const mean = [0, 0, 0] as [number, number, number];
  each((x, y, z) => {
    n++;
    mean[0] += (x - mean[0]) / n;
    mean[1] += (y - mean[1]) / n;
    mean[2] += (z - mean[2]) / n;
  });
  let [yy, zz, yz, xy, xz] = [0, 0, 0, 0, 0];
  each((px, py, pz) => {
    const [x, y, z] = [px - mean[0], py - mean[1], pz - mean[2]];
    yy += y * y;
    zz += z * z;
    yz += y * z;
    xy += x * y;
    xz += x * z;
  });
  const determinant = yy * zz - yz * yz;
  const isSpread = determinant > 1e-6 * yy * zz;
  const [turn, tilt] = isSpread
    ? [(xy * zz - xz * yz) / determinant, (xz * yy - xy * yz) / determinant]
    : [0, 0];
  return (y, z) => mean[0] + turn * (y - mean[1]) + tilt * (z - mean[2]);
}
