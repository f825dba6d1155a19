import { formatValues, Misfit } from './value.ts';

/** A private attribute as it is given to the writer, under the key `gggg,"CREATOR",ee` (the notation of PS3.15 E.3.10). */
export interface PrivateValue {
  readonly vr: string;
  /** Values, or items of VR SQ. */
  readonly Value: readonly unknown[];
}

export interface PrivateElement {
  readonly tag: number;
  readonly key: string;
  readonly vr: string;
  readonly values: readonly unknown[];
}

const KEY = /^([0-9a-f]{3}[13579bdf]),"([^"\\]{1,64})",([0-9a-f]{2})$/i;
const FIRST_BLOCK = 0x10;

export const isPrivate = (key: string): boolean => KEY.test(key);

/**
 * The private attributes of one dataset or item with the creators that reserve their blocks (PS3.5 §7.8.1): creators of a group in
 * the order of their names, so that the same attributes have the same tags.
 */
export function privateElements(attributes: readonly (readonly [string, PrivateValue])[]): PrivateElement[] {
  const parsed = attributes.map(([key, value]) => ({ key, value, ...parse(key) }));
  const creators = [...new Set(parsed.map((p) => `${p.group},${p.creator}`))].sort();
  const blocks = new Map<string, number>();
  const reserved = creators.map((name) => {
    const group = Number(name.slice(0, name.indexOf(',')));
    const creator = name.slice(name.indexOf(',') + 1);
    const block = FIRST_BLOCK + [...blocks.keys()].filter((k) => k.startsWith(`${group},`)).length;
    if (block > 0xff) throw new Misfit('more than 240 private creators in one group').at(creator);
    blocks.set(name, block);
    return { tag: group * 0x10000 + block, key: creator, vr: 'LO', values: formatValues('LO', [creator]) };
  });
  const elements = parsed.map(({ key, value, group, creator, element }) => ({
    tag: group * 0x10000 + (blocks.get(`${group},${creator}`) as number) * 0x100 + element,
    key,
    vr: value.vr,
    values: value.Value,
  }));
  return [...reserved, ...elements];
}

function parse(key: string): { group: number; creator: string; element: number } {
  const [, group = '', creator = '', element = ''] = KEY.exec(key) ?? [];
  const number = Number.parseInt(group, 16);
  if (number < 9 || number === 0xffff) throw new Misfit('its group is none of private attributes').at(key);
  return { group: number, creator, element: Number.parseInt(element, 16) };
}
