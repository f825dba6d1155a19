import * as figures from '../../../ohif-extension/src/lib/figures.ts';
import type { ViewState } from '../../../server/review/contract/worklist.ts';
import { STRINGS } from '../strings.ts';

/** Numbers and times as readers see them. */

export const { fixed, local } = figures;

export const two = (value: number): string => fixed(value, 2);

/** A share as per cent with one decimal, without its sign. */
export const perCent = (share: number): string => fixed(share * 100, 1);

export const count = (value: number): string => value.toLocaleString(STRINGS.language);

/** How long something has waited: `35 min`, `3 h`, `2 d`. */
export function waits(since: string, now: number): string {
  const minutes = Math.max(0, (now - Date.parse(since)) / 60_000);
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 1440)} d`;
}

/** `14 s`, `3 min`, `2.5 h`, `3 d` */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${fixed(seconds / 3600, 1)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `0:41`, `12:05` */
export const clock = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

export const date = (iso: string): string => {
  const at = new Date(iso);
  return figures.date(at.getDate(), STRINGS.months[at.getMonth()] ?? '', at.getFullYear());
};
export const moment = (iso: string): string => `${date(iso)}, ${new Date(iso).toTimeString().slice(0, 5)}`;

/** A built-in view has its name in the reader's language; one's own is called as it was. */
export const viewName = ({ id, name, builtIn }: Pick<ViewState, 'id' | 'name' | 'builtIn'>): string =>
  (builtIn && (STRINGS.worklist.builtIn as Readonly<Record<string, string>>)[id]) || name;

/** ISO 8601 week of a Monday `2026-11-23`. */
export function weekNumber(monday: string): number {
  const thursday = new Date(`${monday}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 3);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - first) / 604_800_000) + 1;
}

/** `pixelSpacing` → `Pixel spacing` */
export const plain = (name: string): string => {
  const words = name
    .replace(/[-_]/g, ' ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};
