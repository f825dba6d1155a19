import type { DcmjsStream } from 'dcmjs';
import { type Decoder, textDecoder } from './charset.ts';
import { readHeader } from './elements.ts';
import type { Syntax } from './syntax.ts';

const SPECIFIC_CHARACTER_SET = 0x00080005;
/** Longer than any list of character sets with its header. */
const LEAD = 256;

/**
 * Lets dcmjs read text in `decoder`'s character sets in items of sequences too, or in those that an item names for itself (PS3.5
 * §7.5.3): left alone, it reads items as Latin-1 and refuses several sets.
 */
export function withText(stream: DcmjsStream, syntax: Syntax, decoder: Decoder): DcmjsStream {
  stream.setDecoder(decoder);
  const more = stream.more.bind(stream);
  stream.more = (length) => {
    const item = more(length);
    const own = leadingCharset(new DataView(item.slice(0, Math.min(length, LEAD))), syntax);
    if (own) item.increment(own.end);
    return withText(item, syntax, own ? textDecoder(own.terms) : decoder);
  };
  return stream;
}

/** The character sets that an item begins with; by the order of tags nothing that is text comes before them. */
function leadingCharset(
  lead: DataView,
  syntax: Syntax,
): { terms: readonly string[]; end: number } | undefined {
  if (lead.byteLength < 8) return undefined;
  const little = !syntax.bigEndian;
  if (lead.getUint16(0, little) !== 8 || lead.getUint16(2, little) !== 5) return undefined;
  const { tag, start, length } = readHeader(lead, 0, syntax);
  if (tag !== SPECIFIC_CHARACTER_SET || start + length > lead.byteLength) return undefined;
  const value = Buffer.from(lead.buffer, lead.byteOffset + start, length).toString('latin1');
  return { terms: value.split('\\'), end: start + length };
}
