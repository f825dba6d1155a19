/** So many weeks before today, at midnight, so that the address of today's figures is the same all day. */
export function weeksAgo(weeks: number): string {
  const today = new Date();
  today.setUTCHours(0, 0, 0, 0);
  return new Date(today.getTime() - weeks * 604_800_000).toISOString();
}
