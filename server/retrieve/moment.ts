/** Dates and times of the standard (PS3.5 §6.2, DA, TM, DT) as seconds of one clock that runs without leaps. */
export interface Moment {
  readonly seconds: number;
  /** Seconds east of UTC, when it names its zone. */
  readonly offset?: number;
}

/** Of a date and a time of day; undefined when either is missing or wrong, or the time stops before the minutes. */
export function momentOf(date: string | undefined, time: string | undefined): Moment | undefined {
  const day = /^(\d{4})[.]?(\d\d)[.]?(\d\d)$/.exec(date ?? '');
  const clock = /^(\d\d):?(\d\d)(?::?(\d\d)(\.\d{1,6})?)?$/.exec(time ?? '');
  if (!day || !clock) return undefined;
  const [year = 0, month = 0, date_ = 0] = day.slice(1).map(Number);
  const [hours = 0, minutes = 0, seconds = 0, fraction = 0] = clock.slice(1).map((v) => Number(v ?? 0));
  const midnight = Date.UTC(year, month - 1, date_);
  const isDay = new Date(midnight).getUTCDate() === date_ && month >= 1 && month <= 12;
  if (!isDay || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return { seconds: midnight / 1000 + 3600 * hours + 60 * minutes + seconds + fraction };
}

/** Of a date and time in one, with its zone if it says one. */
export function momentOfDateTime(value: string | undefined): Moment | undefined {
  const [, digits = '', zone] = /^(\d{12,14}(?:\.\d{1,6})?)([+-]\d{4})?$/.exec(value ?? '') ?? [];
  const moment = momentOf(digits.slice(0, 8), digits.slice(8));
  return moment && zone ? { ...moment, offset: zoneOf(zone) as number } : moment;
}

/** Seconds east of UTC of `+0130`; undefined when that is no zone. */
export function zoneOf(value: string | undefined): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(value ?? '') ?? [];
  return sign ? (sign === '-' ? -1 : 1) * (3600 * Number(hours) + 60 * Number(minutes)) : undefined;
}
