/** Line drawings on a 16 × 16 grid, beside those of the panel. */
const PATHS = {
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  back: 'M10 3.5 5.5 8l4.5 4.5',
  down: 'm3.5 6 4.5 4.5L12.5 6',
  sorted: 'M8 3v10M4.5 9.5 8 13l3.5-3.5',
  warn: 'M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1',
  stop: 'M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3zM8 5v3.6M8 11v.1',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 7.2v4M8 4.8v.1',
  differ: 'M2 4.5h6M5.5 2 8 4.5 5.5 7M14 11.5H8M10.5 9 8 11.5l2.5 2.5',
  flag: 'M4 14V2.5h8L10.2 5.6 12 8.8H4',
  near: 'm1.8 10.8 9-9 3.4 3.4-9 9zM4.8 7.8l1.5 1.5M7 5.6l1 1M9 3.6l1.5 1.5',
  dice: 'M4.5 2.5h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M5.5 5.5v.1M10.5 5.5v.1M8 8v.1M5.5 10.5v.1M10.5 10.5v.1',
  circle: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11',
  lock: 'M4.2 7h7.6A1.2 1.2 0 0 1 13 8.2v4.4a1.2 1.2 0 0 1-1.2 1.2H4.2A1.2 1.2 0 0 1 3 12.6V8.2A1.2 1.2 0 0 1 4.2 7M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5l3.7 3.7',
  person: 'M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4M2.8 14c.5-3 2.6-4.4 5.2-4.4s4.7 1.4 5.2 4.4',
  plus: 'M8 3v10M3 8h10',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  cross: 'm4 4 8 8M12 4l-8 8',
  done: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M5.2 8.2l2 2 3.6-4',
  out: 'M6.5 3H3v10h10V9.5M9 2.5h4.5V7M13.5 2.5 7.5 8.5',
  print: 'M4.5 6V2h7v4M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7V14h-7z',
  edit: 'm3 13 .7-2.8 7-7 2.1 2.1-7 7zM9.5 4.4l2.1 2.1',
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name, className = '' }: { name: IconName; className?: string }) => (
  <svg className={`pel-icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

/** A circle, half full: some of those wanted have read. */
export const HalfIcon = () => (
  <svg className="pel-icon is-s" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS.circle} />
    <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
  </svg>
);
