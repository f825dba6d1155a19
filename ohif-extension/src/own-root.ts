import type { ReactElement } from 'react';
import type { Root } from 'react-dom/client';

const shared = globalThis as unknown as Readonly<
  Record<'pellucid/create-root', ((node: Element) => Root) | undefined>
>;

/** Whether the panel runs on a React of its own (src/own-react.ts), so that the host cannot draw its elements. */
export const isOnOwnReact = (): boolean => shared['pellucid/create-root'] !== undefined;

/** A component for the host that draws `panel` into a root of ours, and ends it when the host takes its element away. */
export function inOwnRoot(panel: () => ReactElement): () => unknown {
  let root: Root | undefined;
  const onNode = (node: Element | null): void => {
    root?.unmount();
    root = node ? shared['pellucid/create-root']?.(node) : undefined;
    root?.render(panel());
  };
  return () => hostElement(onNode);
}

/** An element of the host's React, made without it: a plain box that fills its place. */
function hostElement(ref: (node: Element | null) => void): object {
  const $$typeof = elementSymbol();
  const style = { width: '100%', height: '100%' };
  const isProperty = $$typeof !== OLD;
  return {
    $$typeof,
    type: 'div',
    key: null,
    ref: isProperty ? null : ref,
    // From React 19 on a reference is a property like others.
    props: isProperty ? { style, ref } : { style },
    _owner: null,
    _store: {},
  };
}

const OLD = Symbol.for('react.element');

interface Fiber {
  readonly memoizedProps?: { readonly children?: unknown } | null;
  readonly child?: Fiber | null;
}

/** What the host's own elements are marked with: it differs between React 18 and 19. */
function elementSymbol(): symbol {
  const container = document.getElementById('root');
  const key = Object.keys(container ?? {}).find((name) => name.startsWith('__reactContainer$'));
  let fiber = key ? (Reflect.get(container as object, key) as Fiber | null) : null;
  for (; fiber; fiber = fiber.child ?? null) {
    const { children } = fiber.memoizedProps ?? {};
    const mark: unknown = Reflect.get(Object([children].flat()[0]), '$$typeof');
    if (typeof mark === 'symbol') return mark;
  }
  return OLD;
}
