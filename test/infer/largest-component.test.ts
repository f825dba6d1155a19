import fc from 'fast-check';
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

test('in any small grid the same stays as by walking from voxel to voxel', () => {
  const dims = [3, 4, 5] as const;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 60, maxLength: 60 }), (values) => {
      const labels = Uint8Array.from(values);
      const removed = keepLargestComponent(labels, dims);
      const wanted = walked(Uint8Array.from(values));
      expect([...labels]).toEqual([...wanted]);
      expect(removed).toBe(values.filter((v, i) => v > 0 && wanted[i] === 0).length);
    }),
  );

  function walked(left: Uint8Array): Uint8Array {
    const all = Uint8Array.from(left);
    let best: number[] = [];
    for (let seed = 0; seed < left.length; seed++) {
      if (left[seed] === 0) continue;
      const found = [seed];
      left[seed] = 0;
      for (const v of found) {
        const [i, j, k] = [Math.floor(v / 20), Math.floor(v / 5) % 4, v % 5];
        for (let n = 0; n < left.length; n++) {
          const apart = Math.max(
            Math.abs(Math.floor(n / 20) - i),
            Math.abs((Math.floor(n / 5) % 4) - j),
            Math.abs((n % 5) - k),
          );
          if (left[n] === 0 || apart > 1) continue;
          left[n] = 0;
          found.push(n);
        }
      }
      if (found.length > best.length) best = found;
    }
    return all.map((label, v) => (best.includes(v) ? label : 0));
  }
});
