import type { Element } from './elements.ts';

/**
 * The private attributes that are read, as `gggg,"CREATOR",ee` (PS3.15 E.3.10): what turns the numbers of a PET image into
 * activity or SUV stands there and nowhere else.
 */
const READ: ReadonlySet<string> = new Set([
  '7053,"Philips PET Private Group",00',
  '7053,"Philips PET Private Group",09',
  '0009,"GEMS_PETD_01",0d',
]);
const GROUPS = new Set([...READ].map((name) => Number.parseInt(name, 16)));
const MAX_LENGTH = 64;

/** May the element be one of them, or the creator of their block? */
export const maybeKnown = ({ tag, start, end, undefinedLength }: Element): boolean =>
  GROUPS.has(tag >>> 16) && end - start <= MAX_LENGTH && !undefinedLength;

/** Their values as text, by name; the block of each creator is looked up (PS3.5 §7.8.1). */
export function knownPrivates(body: Uint8Array, found: readonly Element[]): Readonly<Record<string, string>> {
  const textOf = ({ start, end }: Element): string =>
    Buffer.from(body.subarray(start, end))
      .toString('latin1')
      .replace(/[\0 ]+$/, '');
  const creators = new Map<number, string>();
  const values: [string, string][] = [];
  for (const element of found) {
    const number = element.tag & 0xffff;
    const group = element.tag - number;
    if (number >= 0x10 && number <= 0xff) creators.set(group + number, textOf(element));
    const creator = creators.get(group + (number >>> 8));
    const name = `${hex(group >>> 16, 4)},"${creator}",${hex(number & 0xff, 2)}`;
    if (number > 0xff && READ.has(name)) values.push([name, textOf(element)]);
  }
  return Object.fromEntries(values);
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
