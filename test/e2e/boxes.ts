import type { Page } from 'playwright-core';

/** In pixels of the viewer's canvas; right and bottom are past the last. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Boxes {
  readonly colour?: Box;
  readonly white?: Box;
}

/** Where the first canvas is coloured, and where it is white. */
export const boxes = (page: Page): Promise<Boxes> =>
  page.evaluate(() => {
    const canvas = document.querySelector('canvas.cornerstone-canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const found: { colour?: Box; white?: Box } = {};
    for (let i = 0; i < data.length; i += 4) {
      const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3);
      const isColour = Math.max(r, g, b) - Math.min(r, g, b) >= 40;
      // Half way from the grey around it: the host smooths its edge.
      if (!isColour && r < 185) continue;
      const [x, y] = [(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)];
      const kind = isColour ? 'colour' : 'white';
      const { left, top, right, bottom } = found[kind] ?? { left: x, top: y, right: x + 1, bottom: y + 1 };
      found[kind] = {
        left: Math.min(left, x),
        top: Math.min(top, y),
        right: Math.max(right, x + 1),
        bottom: Math.max(bottom, y + 1),
      };
    }
    return found;
  });

declare const document: {
  querySelector(selector: string): {
    readonly width: number;
    readonly height: number;
    getContext(kind: '2d'): {
      getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
    };
  };
};
