/** Line drawings on a 16 × 16 grid. */
const PATHS = {
  localization: 'M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3',
  visualRecognizability:
    'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8ZM8 6.1a1.9 1.9 0 1 0 0 3.8 1.9 1.9 0 0 0 0-3.8',
  physicalAttribution: 'm1.8 10.8 9-9 3.4 3.4-9 9zM4.8 7.8l1.5 1.5M7 5.6l1 1M9 3.6l1.5 1.5',
  modelTransparency: 'm8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3',
  actionability: 'M2 3.5h7.5L14 8l-4.5 4.5H2L5.5 8z',
  facts: 'M4 1.8h5.2L12.5 5v9.2H4zM9 1.8V5.2h3.4M6 8.3h4.4M6 11h4.4',
  trust: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M5.2 8.2l2 2 3.6-4',
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  circle: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11',
  box: 'M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6',
  covered:
    'M2 2l12 12M6.2 4.1A6.6 6.6 0 0 1 8 3.8c4 0 6.5 4.2 6.5 4.2a11 11 0 0 1-2 2.4M4 5.2A11 11 0 0 0 1.5 8S4 12.2 8 12.2a6 6 0 0 0 2.6-.6M6.7 6.7a1.9 1.9 0 0 0 2.6 2.6',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  cross: 'm4 4 8 8M12 4l-8 8',
  history: 'M2.5 8a5.5 5.5 0 1 0 1.8-4M2.2 2.5v3h3M8 5v3.2l2.2 1.3',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 7.2v4M8 4.8v.1',
  stop: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 4.5v4.2M8 11.2v.1',
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name, className = '' }: { name: IconName; className?: string }) => (
  <svg className={`pel-icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
