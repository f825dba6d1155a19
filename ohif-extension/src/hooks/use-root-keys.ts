import { createContext, type KeyboardEvent, useRef } from 'react';

/** The open result, which acts on keys. */
export interface OpenResult {
  readonly press: (key: string) => void;
  readonly release: (key: string) => void;
}

/** Where it says so; empty while no result is open. */
export const OpenResultKeys = createContext<{ current?: OpenResult | undefined }>({});

/** What the open result acts on. The viewer never hears these from the panel, whatever is shown and has the focus: it would turn and flip the image. */
const OURS = [...'efuocghjkamrv12345-+[]'];

/** Keys by which a reader without a mouse uses what has the focus. The viewer has a use of its own for them, and would keep them from buttons, cards and the scroll bar. */
const OF_CONTROLS = [
  'enter',
  ' ',
  'arrowup',
  'arrowdown',
  'arrowleft',
  'arrowright',
  'pageup',
  'pagedown',
  'home',
  'end',
];

/** Where letters are letters. */
const isWriting = (target: EventTarget): boolean =>
  target instanceof HTMLElement &&
  target.matches('select, textarea, input:not([type=range], [type=checkbox])');

/** On many keyboards brackets need Option, or AltGr, which some browsers tell as Ctrl and Alt. */
const isCommand = ({ ctrlKey, metaKey, altKey }: KeyboardEvent, key: string): boolean =>
  key === '[' || key === ']' ? metaKey || (ctrlKey && !altKey) : ctrlKey || metaKey || altKey;

/** Handlers for the panel's root, which hears each key that is pressed in it; `own` is what the panel itself does, by key. */
export function useRootKeys(own: Readonly<Record<string, () => void>>) {
  const open = useRef<OpenResult | undefined>(undefined);
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = event.key.toLowerCase();
    if (isCommand(event, key)) return;
    const isOfControl = OF_CONTROLS.includes(key);
    const isOurs = own[key] !== undefined || OURS.includes(key);
    const isText = key.length === 1 && isWriting(event.target);
    if (!isOfControl && (!isOurs || isText)) return;
    event.stopPropagation();
    // Enter on a button or a card is that button's own.
    if (isOfControl && !(key === 'enter' && isResult(event.target))) return;
    event.preventDefault();
    (own[key] ?? open.current?.press)?.(key);
  };
  const onKeyUp = (event: KeyboardEvent): void => open.current?.release(event.key.toLowerCase());
  /** What is let go elsewhere is not heard. */
  const onBlur = (): void => open.current?.release('h');
  return { open, handlers: { onKeyDown, onKeyUp, onBlur } };
}

const isResult = (target: EventTarget): boolean => target instanceof HTMLElement && target.matches('article');
