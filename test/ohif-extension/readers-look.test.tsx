import { renderToStaticMarkup } from 'react-dom/server';
import {
  type OverlaySettings,
  rememberLook,
  useOverlaySettings,
} from '../../ohif-extension/src/hooks/use-overlay-settings.ts';

/** What a panel that has just been put in its place begins with. */
function begun(): Partial<OverlaySettings> {
  let settings: OverlaySettings | undefined;
  const Panel = () => {
    [settings] = useOverlaySettings('1.2', { map: true, regions: false });
    return null;
  };
  renderToStaticMarkup(<Panel />);
  const { form, palette, opacity, map } = settings ?? {};
  return { form, palette, opacity, map } as Partial<OverlaySettings>;
}

const USUAL = { form: 'colours', palette: 'inferno', opacity: 60, map: true };
const kept = new Map<string, string>();
const storage = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
};
const withStorage = (value: object | undefined) =>
  Object.defineProperty(globalThis, 'localStorage', {
    configurable: true,
    get: () => {
      if (value) return value;
      throw new Error('SecurityError');
    },
  });
afterEach(() => {
  kept.clear();
  Reflect.deleteProperty(globalThis, 'localStorage');
});

test('form, colours and opacity of a reader are there again, and nothing else is kept', () => {
  withStorage(storage);
  expect(begun()).toEqual(USUAL);
  rememberLook({ form: 'outline', palette: 'cividis', opacity: 35 });
  expect(begun()).toEqual({ form: 'outline', palette: 'cividis', opacity: 35, map: true });
  expect([...kept]).toEqual([['pellucid.look', '{"form":"outline","palette":"cividis","opacity":35}']]);
});

test.each([['null'], ['{'], ['"x"'], ['{"form":"fog","palette":7,"opacity":"1"}']])(
  'what is no choice of ours, as %s, changes nothing',
  (value) => {
    withStorage(storage);
    kept.set('pellucid.look', value);
    expect(begun()).toEqual(USUAL);
  },
);

test('an opacity beyond its range is taken to its end', () => {
  withStorage(storage);
  kept.set('pellucid.look', '{"opacity":900}');
  expect(begun()).toEqual({ ...USUAL, opacity: 100 });
});

test('a browser that keeps nothing for us draws in the usual way', () => {
  withStorage(undefined);
  rememberLook({ form: 'outline', palette: 'cividis', opacity: 35 });
  expect(begun()).toEqual(USUAL);
});
