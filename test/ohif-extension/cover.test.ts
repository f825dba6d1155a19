import type { Ring } from '../../ohif-extension/src/lib/contour.ts';
import { coveredOf, fromAt } from '../../ohif-extension/src/lib/cover.ts';
import { readMap, readMapHeader } from '../../ohif-extension/src/lib/read-map.ts';
import { readParametricHeader, readParametricMap } from '../../ohif-extension/src/lib/read-parametric-map.ts';
import type { ValueMap } from '../../ohif-extension/src/lib/value-map.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode, type Results } from '../../server/encode/index.ts';
import { enlarge } from '../../server/explain/enlarge.ts';
import { deletion } from '../../server/explain/measures/curves.ts';
import type { ExplanationMap } from '../../server/explanation.ts';
import { seededRandom } from '../../server/shared/random.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { dicomJson } from './documents.ts';

const curve = { strongestFirst: [0.9, 0.5, 0.2, 0.1], randomOrder: [0.9, 0.8, 0.4, 0.1], hidden: 'blurred' };

test.each([
  ['nothing is hidden', 0, undefined],
  ['the report tells', 1, 0.75],
  ['no value tells', 2, undefined],
  ['all is hidden', 3, Number.NEGATIVE_INFINITY],
])('from which value a step hides: %s', (_, step, from) => {
  expect(fromAt({ ...curve, hiddenFrom: [0.75, null] }, step)).toBe(from);
  // A report that does not tell of any.
  expect(fromAt(curve, step)).toBeUndefined();
});

/** Which of the centres of a grid over the image lie in an odd number of the lines. */
function inside(rings: readonly Ring[], [rows, columns]: readonly [number, number]): readonly boolean[] {
  const edges = rings.flatMap((ring) =>
    ring.map((point, i) => [point, ring[(i + 1) % ring.length] as Ring[number]] as const),
  );
  return Array.from({ length: rows }, (_, row) => {
    const y = (row + 0.5) / rows;
    const crossed = edges
      .filter(([[, ay], [, by]]) => ay > y !== by > y)
      .map(([[ax, ay], [bx, by]]) => ax + ((y - ay) / (by - ay)) * (bx - ax));
    return Array.from(
      { length: columns },
      (_, column) => crossed.filter((x) => x > (column + 0.5) / columns).length % 2 === 1,
    );
  }).flat();
}

const SPACE = [56, 64] as const;
const PLACES = SPACE[0] * SPACE[1];

/** What each step of the server's own curve hides of the model's input, and from which value of the map. */
async function curveOf(map: Float32Array, cells: readonly [number, number]) {
  const hidden: boolean[][] = [];
  const watching = {
    dims: [1, ...SPACE],
    score: async ([input]: readonly Float32Array[]) => [
      hidden.push(Array.from(input ?? [], (value) => value === 0)),
    ],
  };
  const image = new Float32Array(PLACES).fill(1);
  const options = { baseline: new Float32Array(PLACES) };
  const { points } = await deletion(watching, image, enlarge(map, cells, SPACE), options);
  return points.map(({ from }, step) => ({ from, hidden: hidden[step] ?? [] }));
}

const withMap = (results: Results, shape: ExplanationMap['shape'], data: Float32Array): Results => {
  const [{ padding: _, ...map }] = results.explanation.maps as [ExplanationMap];
  const maps = [{ ...map, shape, data, range: [-1, 1] as const }];
  return { ...results, explanation: { ...results.explanation, maps } };
};

/** As the panel has it from the archive. */
function stored(results: Results): ValueMap | undefined {
  const made = encode(results).find(({ kind }) => kind === 'MAP' || kind === 'PM');
  const bytes = made?.bytes.slice() ?? new Uint8Array();
  if (made?.kind === 'PM') {
    const header = readParametricHeader(dicomJson(bytes));
    return header && readParametricMap(header, bytes.buffer);
  }
  const header = readMapHeader(dicomJson(bytes));
  const pixels = readPart10(bytes).pixels[0] as Uint8Array;
  return header && readMap(header, [pixels.slice().buffer as ArrayBuffer]);
}

test.each([
  ['a map of both signs over a projection', [14, 14], false, chestCase()],
  ['a map without negative values', [14, 14], true, chestCase()],
  ['cells that are not square', [4, 9], false, chestCase()],
  ['a map of the grid of the input', SPACE, false, chestCase()],
  ['a map over a plane in the patient', [14, 14], false, brainCase({ shape: [1, 61, 83] })],
] as const)('what is covered is what the server hid, to 1 %%: %s', async (_, cells, isRectified, results) => {
  const random = seededRandom(7);
  const data = Float32Array.from({ length: cells[0] * cells[1] }, () => {
    const value = 2 * random() - 1;
    return isRectified ? Math.max(0, value) : value;
  });
  const map = stored(withMap(results, [1, ...cells], data));
  let told = 0;
  for (const { from, hidden } of await curveOf(data, cells)) {
    if (from === undefined) continue;
    told++;
    const covered = inside(coveredOf(map as ValueMap, 0, from), SPACE);
    const wrong = hidden.filter((isHidden, i) => isHidden !== covered[i]).length;
    expect(wrong / PLACES).toBeLessThanOrEqual(0.01);
  }
  // Of a rectified map half is flat.
  expect(told).toBeGreaterThanOrEqual(isRectified ? 4 : 9);
});

test('a step that hides all covers the whole image, and what was not computed stays', () => {
  const values = Float32Array.from({ length: 16 }, (_, i) => (i === 15 ? Number.NaN : -i));
  const map = { rows: 4, columns: 4, values } as ValueMap;
  const covered = inside(coveredOf(map, 0, Number.NEGATIVE_INFINITY), [8, 8]);
  const last = covered.findLastIndex((_, i) => i % 8 < 4);
  expect(covered.slice(0, 8 * 4)).toEqual(Array(8 * 4).fill(true));
  expect([covered[last], covered.at(-1)]).toEqual([true, false]);
});
