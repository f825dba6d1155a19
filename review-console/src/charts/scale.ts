/** From values to places on a chart. */

export type Scale = (value: number) => number;

export const linear =
  ([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale =>
  (value) =>
    start + ((end - start) * (value - from)) / (to - from || 1);

/** Round ticks from `from` to `to`, about `count` of them; both ends are ticks when they are round. */
export function ticks(from: number, to: number, count: number): readonly number[] {
  const raw = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((m) => m * power >= raw * 0.999) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    Number(((first + i) * step).toFixed(10)),
  );
}

/** The ends of an axis for shares: whole steps around the values, within 0..1. */
export function shareRange(low: number, high: number): readonly [number, number] {
  const step = high - low > 0.4 ? 0.2 : high - low > 0.15 ? 0.1 : 0.05;
  const from = Math.max(0, Math.min(1 - step, Math.floor(low / step + 1e-9) * step));
  const to = Math.min(1, Math.ceil(high / step - 1e-9) * step);
  return [Number(from.toFixed(6)), Number(Math.max(from + step, to).toFixed(6))];
}
