import dcmjs from 'dcmjs';

/** The data dictionary of PS3.6, as dcmjs holds it, by keyword. */

export interface Attribute {
  /** Group × 65536 + element. */
  readonly tag: number;
  /** Two capitals, or one of dcmjs's open choices: `xs` (US or SS), `ox` and `lt` (OB or OW), `up` (UL). */
  readonly vr: string;
  /** How many values it may have, such as `1`, `3`, `1-n`, `2-2n`. */
  readonly vm: string;
}

const { nameMap } = dcmjs.data.DicomMetaDictionary;
const known = new Map<string, Attribute>();

/** The attribute with this keyword; undefined when PS3.6 has none. */
export function attributeOf(keyword: string): Attribute | undefined {
  const found = known.get(keyword);
  if (found) return found;
  const entry = Object.hasOwn(nameMap, keyword) ? nameMap[keyword] : undefined;
  if (!entry || !/^\([0-9A-F]{4},[0-9A-F]{4}\)$/i.test(entry.tag)) return undefined;
  const attribute = { tag: Number.parseInt(entry.tag.replace(/\W/g, ''), 16), vr: entry.vr, vm: entry.vm };
  known.set(keyword, attribute);
  return attribute;
}

/** Is this a keyword of PS3.6? */
export const isKeyword = (keyword: string): boolean => attributeOf(keyword) !== undefined;
