import type { KeyboardEvent } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { useRootKeys } from '../../ohif-extension/src/hooks/use-root-keys.ts';
import { EN } from '../../ohif-extension/src/strings/en.ts';

/** What is pressed on. */
class Target {
  readonly kind: 'article' | 'button' | 'input';
  constructor(kind: Target['kind']) {
    this.kind = kind;
  }
  matches(selector: string): boolean {
    return selector.split(', ').some((each) => each.startsWith(this.kind));
  }
}

interface Heard {
  /** What the open result acts on, or the panel itself. */
  readonly by?: string;
  readonly acted?: string;
  readonly viewer: boolean;
}

/** Who hears a key. */
function heard(key: string, held: Partial<KeyboardEvent> = {}, kind: Target['kind'] = 'button'): Heard {
  const acts: Pick<Heard, 'by' | 'acted'>[] = [];
  let viewer = true;
  const Panel = () => {
    const { open, handlers } = useRootKeys({ '?': () => void acts.push({ by: 'panel', acted: '?' }) });
    open.current = { press: (acted) => void acts.push({ by: 'result', acted }), release: () => undefined };
    const stopPropagation = () => {
      viewer = false;
    };
    const event = {
      key,
      target: new Target(kind),
      preventDefault: () => undefined,
      stopPropagation,
      ...held,
    };
    handlers.onKeyDown(event as unknown as KeyboardEvent);
    return null;
  };
  renderToStaticMarkup(<Panel />);
  return { ...acts[0], viewer };
}

beforeAll(() => Object.assign(globalThis, { HTMLElement: Target }));
afterAll(() => Reflect.deleteProperty(globalThis, 'HTMLElement'));

const result = (acted: string): Heard => ({ by: 'result', acted, viewer: false });
const VIEWER: Heard = { viewer: true };

test.each<[how: string, key: string, held: Partial<KeyboardEvent>, Heard]>([
  ['plain', '[', {}, result('[')],
  ['by Option, as on a German or French Mac', '[', { altKey: true }, result('[')],
  ['by Option', ']', { altKey: true }, result(']')],
  ['by AltGr that is told as Ctrl and Alt', ']', { altKey: true, ctrlKey: true }, result(']')],
  ['with Ctrl: the viewer’s', '[', { ctrlKey: true }, VIEWER],
  ['with Command: the browser’s', '[', { metaKey: true }, VIEWER],
  ['another key by Option: the viewer’s', 'e', { altKey: true }, VIEWER],
  ['with Shift', 'H', { shiftKey: true }, result('h')],
  ['one that is not in the list: the viewer’s', 'z', {}, VIEWER],
])('%s: %s', (_, key, held, expected) => {
  expect(heard(key, held)).toEqual(expected);
});

test('the viewer hears none of the keys of the list, whatever has the focus: its own would flip and turn the image', () => {
  const listed = EN.keys.all.flatMap(([keys]) => (keys === '1 … 5' ? [...'12345'] : keys.split(' ')));
  const pressed = listed.map((key) => ({ '−': '-', '↵': 'Enter' })[key] ?? key.toLowerCase());
  expect(pressed.filter((key) => heard(key).viewer)).toEqual([]);
});

test('Enter is a button’s own, and goes to the image from the result itself', () => {
  expect(heard('Enter')).toEqual({ viewer: false });
  expect(heard('Enter', {}, 'article')).toEqual(result('enter'));
});

test('where letters are letters, they are', () => {
  expect(['?', 'h', 'v', '1'].map((key) => heard(key, {}, 'input'))).toEqual([
    VIEWER,
    VIEWER,
    VIEWER,
    VIEWER,
  ]);
});
