/** A whole percentage of a share, but never 0 % or 100 % for what is only nearly so. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  if (whole === 0 && share > 0) return 'under 1 %';
  if (whole === 100 && share < 1) return 'over 99 %';
  return `${whole} %`;
}
