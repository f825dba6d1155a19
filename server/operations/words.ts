import type { AnalysisState } from '../contracts.ts';

/** The stages that a bar shows, in their order. */
export const STAGES: readonly AnalysisState[] = [
  'retrieving',
  'inferring',
  'explaining',
  'encoding',
  'storing',
];

export const stageOf = (state: AnalysisState): number => STAGES.indexOf(state);

/** Seconds in words that are read at a glance. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** A UID or path by its end, which tells it from others. */
export const short = (text: string): string => (text.length <= 14 ? text : `…${text.slice(-12)}`);
