import type { KeyboardEvent } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { OverlaySettings } from '../../ohif-extension/src/hooks/use-overlay-settings.ts';
import { usePanelKeys } from '../../ohif-extension/src/hooks/use-panel-keys.ts';

const SETTINGS: OverlaySettings = {
  map: true,
  regions: true,
  opacity: 60,
  top: 20,
  form: 'colours',
  side: 'both',
  palette: 'inferno',
  peek: false,
};

/** What a key changes; undefined where it is left to the viewer. */
function changeOf(key: string, held: Partial<KeyboardEvent>): Partial<OverlaySettings> | undefined {
  let changed: Partial<OverlaySettings> | undefined;
  const nothing = () => undefined;
  const Panel = () => {
    const { onKeyDown } = usePanelKeys({
      settings: SETTINGS,
      change: (next) => {
        changed = next;
      },
      select: nothing,
      jump: nothing,
      toggleCard: nothing,
      choose: nothing,
    });
    const event = { key, target: {}, preventDefault: nothing, stopPropagation: nothing, ...held };
    onKeyDown(event as unknown as KeyboardEvent<HTMLElement>);
    return null;
  };
  renderToStaticMarkup(<Panel />);
  return changed;
}

beforeAll(() => Object.assign(globalThis, { HTMLElement: class {} }));
afterAll(() => Reflect.deleteProperty(globalThis, 'HTMLElement'));

test.each<[how: string, key: string, held: Partial<KeyboardEvent>, changed: unknown]>([
  ['plain', '[', {}, { top: 15 }],
  ['by Option, as on a German or French Mac', '[', { altKey: true }, { top: 15 }],
  ['by Option', ']', { altKey: true }, { top: 25 }],
  ['by AltGr that is told as Ctrl and Alt', ']', { altKey: true, ctrlKey: true }, { top: 25 }],
  ['with Ctrl: the viewer’s', '[', { ctrlKey: true }, undefined],
  ['with Command: the browser’s', '[', { metaKey: true }, undefined],
  ['another key by Option: the viewer’s', 'e', { altKey: true }, undefined],
])('%s: %s', (_, key, held, changed) => {
  expect(changeOf(key, held)).toEqual(changed);
});
