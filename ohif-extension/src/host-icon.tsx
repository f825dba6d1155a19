import type { SVGProps } from 'react';

export const TAB_ICON = 'pellucid-explain';

interface Icons {
  addIcon(name: string, icon: (props: SVGProps<SVGSVGElement>) => unknown): void;
  readonly [name: string]: unknown;
}

/** The host's icons, where it shares them. */
const icons = (): Icons | undefined =>
  (globalThis as unknown as Readonly<Record<string, { readonly Icons?: Icons } | undefined>>)['@ohif/ui-next']
    ?.Icons;

export const hasIcon = (): boolean => icons()?.[TAB_ICON] !== undefined;

/** Something seen through something else: a lens over three lines. */
export function addIcon(): void {
  const known = icons();
  if (!known || hasIcon()) return;
  known.addIcon(TAB_ICON, (props) => (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      {...props}
    >
      <circle cx={10.5} cy={10.5} r={6.5} />
      <circle cx={10.5} cy={10.5} r={2.2} fill="currentColor" stroke="none" />
      <path d="m15.5 15.5 5 5" />
    </svg>
  ));
}
