import { STRINGS } from '../strings.ts';
import { fixed } from './figures.ts';
import { probability as atMost, score as format, measurement, signed, volume } from './format.ts';
import type { ElementName, Finding } from './result.ts';

/**
 * The number at the edge of a card, from the numbers of the report and never out of its words; undefined where the report holds none for this
 * element. Region A is the strongest, box A the surest.
 */
export const keyNumber = (name: ElementName, finding: Finding): string | undefined => KEYS[name](finding);

const KEYS: Readonly<Record<ElementName, (finding: Finding) => string | undefined>> = {
  localization: (finding) => {
    if (finding.present === false) return undefined;
    const slices = numberOf(finding, 'Slices with the mask');
    if (slices !== undefined) return STRINGS.key.slices(slices);
    const part = numberOf(finding, 'Part of the picture in region A');
    return boxSize(finding) ?? (part === undefined ? undefined : STRINGS.key.ofImage(atMost(part / 100)));
  },
  visualRecognizability: (finding) => {
    if (finding.present === false) return undefined;
    const border = numberOf(finding, 'Contrast of the border');
    if (border !== undefined) return STRINGS.key.border(fixed(border, 1));
    const within = strongestPlace(finding);
    if (within) return STRINGS.key.within(atMost(within.share), within.place);
    const contrast = numberOf(finding, 'Contrast of region A');
    return contrast === undefined
      ? undefined
      : STRINGS.key[contrast < 0 ? 'darker' : 'brighter'](fixed(Math.abs(contrast), 1));
  },
  physicalAttribution: (finding) => {
    if (finding.volumeMl !== undefined && finding.present !== false)
      return `${volume(finding.volumeMl)} ${STRINGS.ml}`;
    return sizeOf(finding) ?? changeWithoutA(finding);
  },
  modelTransparency: (finding) => {
    const close = numberOf(finding, 'Share of close calls');
    if (close !== undefined) return STRINGS.key.closeCalls(close === 0 ? '0 %' : atMost(close));
    const gap = numberOf(finding, 'Completeness gap');
    if (gap !== undefined)
      return Math.abs(gap) < EXACT ? STRINGS.key.exactSum : STRINGS.key.gap(signed(gap, 2));
    return sizeOf(finding) ? changeWithoutA(finding) : undefined;
  },
  actionability: ({ score }) => {
    if (score?.threshold === undefined) return undefined;
    const distance = score.value - score.threshold;
    return STRINGS.key[distance < 0 ? 'below' : 'above'](format(Math.abs(distance)));
  },
};

/** Of the logit: no score changes in its second decimal. */
const EXACT = 0.005;

const numberOf = ({ measures }: Finding, wanted: string): number | undefined =>
  measures.find(({ name }) => name === wanted)?.value;

const inMm = (values: readonly (number | undefined)[]): string | undefined =>
  values.every((value) => value !== undefined)
    ? `${values.map((value) => value.toFixed(0)).join(' × ')} mm`
    : undefined;

const boxSize = (finding: Finding): string | undefined =>
  inMm([numberOf(finding, 'Width of box A'), numberOf(finding, 'Height of box A')]);

const sizeOf = (finding: Finding): string | undefined =>
  inMm([numberOf(finding, 'Long axis of region A'), numberOf(finding, 'Short axis of region A')]);

/** `0.91 → 0.34 without A`, or the same of a quantity. */
function changeWithoutA(finding: Finding): string | undefined {
  const { score, measurements } = finding;
  const without = numberOf(finding, 'Score without region A');
  if (score && without !== undefined)
    return STRINGS.key.without(`${format(score.value)} → ${format(without)}`);
  const [quantity] = measurements;
  const value = numberOf(finding, 'Value without region A');
  if (typeof quantity?.value !== 'number' || value === undefined) return undefined;
  const { value: before } = quantity;
  const [was, now] = [measurement({ name: '', value: before }), measurement({ ...quantity, value })];
  return STRINGS.key.without(`${was} → ${now}`);
}

/** Where in the anatomy most of the evidence lies, of packages that find structures; plain ground is none. */
function strongestPlace({
  measures,
}: Finding): { readonly share: number; readonly place: string } | undefined {
  const shares = measures.flatMap(({ name, value }) => {
    const [, place] = /^Evidence in (.+)$/.exec(name) ?? [];
    return place !== undefined && value !== undefined ? [{ share: value, place }] : [];
  });
  return shares.sort((a, b) => b.share - a.share)[0];
}
