import type { Rgb } from '../shared/colour-map.ts';

/**
 * 8-bit sRGB as the three US values of Recommended Display CIELab Value: L* 0..100 and a*, b* -128..127 on 0..65535, white point D50
 * (PS3.3 C.10.7.1.1), adapted from D65 by Bradford.
 */
export function cielab(rgb: Rgb): [number, number, number] {
  const [r, g, b] = rgb.map(linear) as [number, number, number];
  const x = 0.4360747 * r + 0.3850649 * g + 0.1430804 * b;
  const y = 0.2225045 * r + 0.7168786 * g + 0.0606169 * b;
  const z = 0.0139322 * r + 0.0971045 * g + 0.7141733 * b;
  const [fx, fy, fz] = [cubeRoot(x / D50[0]), cubeRoot(y / D50[1]), cubeRoot(z / D50[2])];
  const [l, a, bb] = [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
  return [us(l / 100), us((a + 128) / 255), us((bb + 128) / 255)];
}

const D50 = [0.9642, 1, 0.8251] as const;

const linear = (byte: number): number => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

const cubeRoot = (t: number): number => (t > 216 / 24_389 ? Math.cbrt(t) : ((24_389 / 27) * t + 16) / 116);

const us = (fraction: number): number => Math.round(65_535 * Math.min(1, Math.max(0, fraction)));
