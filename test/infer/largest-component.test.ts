import { keepLargestComponent } from '../../server/infer/largest-component.ts';

test('the larger island stays, corners connect (26 neighbours), labels are kept', () => {
  const labels = new Uint8Array(27);
  // Voxels (0,0,0) and (1,1,1) touch at a corner; (2,2,2) touches (1,1,1); (0,2,0) stands alone beside nothing.
  labels[0] = 3;
  labels[13] = 5;
  labels[26] = 5;
  const alone = 2 * 3;
  labels[alone] = 7;
  labels[13] = 0; // without the middle: three single islands, the first of equals stays
  expect(keepLargestComponent(Uint8Array.from(labels), [3, 3, 3])).toBe(2);
  labels[13] = 5;
  const joined = Uint8Array.from(labels);
  expect(keepLargestComponent(joined, [3, 3, 3])).toBe(0); // (0,2,0) touches (1,1,1) too
  expect(joined).toEqual(labels);
});

test('all labels together are one foreground', () => {
  const line = Uint8Array.from([1, 2, 3, 0, 4, 4]);
  expect(keepLargestComponent(line, [1, 1, 6])).toBe(2);
  expect([...line]).toEqual([1, 2, 3, 0, 0, 0]);
});

test('nothing found is nothing kept', () => {
  expect(keepLargestComponent(new Uint8Array(8), [2, 2, 2])).toBe(0);
});
