import { useId } from 'react';
import type { Windowing } from '../hooks/use-window.ts';
import { CT_WINDOWS, type CtWindow, nameOf } from '../lib/window.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly windowing: Windowing;
  readonly isCt: boolean;
}

const { case: WORDS } = STRINGS;
const NAMES = Object.keys(CT_WINDOWS) as CtWindow[];

/** Through which window the image is shown. Other than of a CT none has a name: then the way back alone, once it was moved. */
export function WindowChoice({ windowing: { window, set }, isCt }: Props) {
  const id = useId();
  if (!isCt && !window) return null;
  const name = nameOf(window);
  return (
    <div className="rev-window">
      <label htmlFor={id}>{WORDS.window}</label>
      <select
        className="pel-field"
        id={id}
        value={name ?? 'moved'}
        onChange={({ currentTarget: { value } }) =>
          set(value === 'own' ? undefined : CT_WINDOWS[value as CtWindow])
        }
      >
        <option value="own">{WORDS.windows.own}</option>
        {isCt &&
          NAMES.map((each) => (
            <option key={each} value={each}>
              {WORDS.windows[each]}
            </option>
          ))}
        {window && (!name || !isCt) && (
          <option value={name ?? 'moved'} disabled>
            {WORDS.windowIs(window.width, window.centre)}
          </option>
        )}
      </select>
      <kbd>W</kbd>
    </div>
  );
}
