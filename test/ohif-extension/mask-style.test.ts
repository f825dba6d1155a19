import { styleMasks } from '../../ohif-extension/src/lib/mask-style.ts';

/** Styles as the host keeps them: of all segments, and of one over that. */
function host() {
  const styles = new Map<string, Readonly<Record<string, unknown>>>();
  const service = {
    setStyle: (
      { segmentIndex }: { readonly segmentIndex?: number },
      style: Readonly<Record<string, unknown>>,
      merge = true,
    ) => {
      const key = String(segmentIndex ?? 'all');
      styles.set(key, merge ? { ...styles.get(key), ...style } : style);
    },
  } as unknown as Parameters<typeof styleMasks>[0];
  const opacityOf = (segment: number) =>
    styles.get(String(segment))?.fillAlpha ?? styles.get('all')?.fillAlpha;
  return { service, shown: () => [1, 2, 3].map(opacityOf), styles };
}

test('the chosen structure stands out, the next one after it, and none once they are the host’s again', () => {
  const { service, shown, styles } = host();
  styleMasks(service, 'a', { opacity: 0.6, chosen: 2 });
  expect(shown()).toEqual([0.6 * 0.35, 0.6, 0.6 * 0.35]);
  styleMasks(service, 'a', { opacity: 1, chosen: 3 });
  expect(shown()).toEqual([0.35, 0.35, 1]);
  styleMasks(service, 'a', { opacity: 0, chosen: 3 });
  expect(shown()).toEqual([0, 0, 0]);
  expect(styles.get('all')).toMatchObject({ renderOutline: false });
  styleMasks(service, 'a', { opacity: 0.5 });
  expect(shown()).toEqual([0.5, 0.5, 0.5]);
  // What the host sets for all holds for each.
  service.setStyle({ segmentationId: 'a', type: 'Labelmap' }, { fillAlpha: 0.9 });
  expect(shown()).toEqual([0.9, 0.9, 0.9]);
});
