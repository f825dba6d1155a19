import { z } from 'zod';

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time as 19:30');

/** Hours of every day, by the clock of the machine that asks: from 19:00 to 06:00 they lie over midnight. */
export const DayWindow = z.strictObject({ from: TimeOfDay, to: TimeOfDay });
export type DayWindow = z.infer<typeof DayWindow>;

/** When it is next within them: now, or at their next begin. */
export function nextWithin({ from: begins, to: ends }: DayWindow, now: Date): Date {
  const [from, to] = [minutesOf(begins), minutesOf(ends)];
  const minute = now.getHours() * 60 + now.getMinutes();
  const inside = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (inside) return now;
  const begin = new Date(now);
  begin.setHours(Math.floor(from / 60), from % 60, 0, 0);
  if (begin <= now) begin.setDate(begin.getDate() + 1);
  return begin;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
