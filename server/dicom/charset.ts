/** What dcmjs asks of a decoder. */
export interface Decoder {
  decode(bytes: ArrayBufferView): string;
}

/**
 * Decodes text in the character sets of SpecificCharacterSet (PS3.3 C.12.1.1.2), several with ISO 2022 escapes among them.
 * What a set does not know becomes U+FFFD, never another letter.
 */
export function textDecoder(terms: readonly string[]): Decoder {
  const known = terms.map((t) => t.trim().toUpperCase().replaceAll('_', ' '));
  const first = known[0] ?? '';
  const label = first.startsWith('ISO 2022') ? first.replace('ISO 2022', 'ISO') : first;
  const base = LABELS[label] ?? 'ascii';
  if (known.length < 2 && !first.startsWith('ISO 2022')) return decoderOf(base);
  return {
    decode: (bytes) => decodeIso2022(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), base),
  };
}

const LABELS: Readonly<Record<string, string>> = {
  'ISO IR 13': 'shift_jis',
  'ISO IR 100': 'iso-8859-1',
  'ISO IR 101': 'iso-8859-2',
  'ISO IR 109': 'iso-8859-3',
  'ISO IR 110': 'iso-8859-4',
  'ISO IR 126': 'iso-8859-7',
  'ISO IR 127': 'iso-8859-6',
  'ISO IR 138': 'iso-8859-8',
  'ISO IR 144': 'iso-8859-5',
  'ISO IR 148': 'iso-8859-9',
  'ISO IR 149': 'euc-kr',
  'ISO IR 166': 'windows-874',
  'ISO IR 192': 'utf-8',
  'ISO IR 58': 'gbk',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** Escape sequences (PS3.3 tables C.12-3, -4) and what decodes the bytes that follow. */
const ESCAPES: readonly (readonly [sequence: string, label: string])[] = [
  ['(B', 'keep'],
  ['(J', 'keep'],
  [')I', 'shift_jis'],
  ['-A', 'iso-8859-1'],
  ['-B', 'iso-8859-2'],
  ['-C', 'iso-8859-3'],
  ['-D', 'iso-8859-4'],
  ['-F', 'iso-8859-7'],
  ['-G', 'iso-8859-6'],
  ['-H', 'iso-8859-8'],
  ['-L', 'iso-8859-5'],
  ['-M', 'iso-8859-9'],
  ['-T', 'windows-874'],
  ['$B', 'jis-0208'],
  ['$(D', 'jis-0212'],
  ['$)A', 'gbk'],
  ['$)C', 'euc-kr'],
];

/** Each stretch between escapes by the sets that are active there; double-byte G0 ends with the next G0 escape. */
function decodeIso2022(bytes: Uint8Array, base: string): string {
  const raw = Buffer.from(bytes).toString('latin1');
  let upper = base;
  return raw
    .split('\x1b')
    .map((stretch, i) => {
      if (i === 0) return decoderOf(base).decode(Buffer.from(stretch, 'latin1'));
      const [sequence, label] = ESCAPES.find(([s]) => stretch.startsWith(s)) ?? ['', 'ascii'];
      const content = Buffer.from(stretch.slice(sequence.length), 'latin1');
      if (label === 'jis-0208' || label === 'jis-0212') return jis(content, label);
      if (label !== 'keep') upper = label;
      return decoderOf(upper).decode(content);
    })
    .join('');
}

/** Seven-bit pairs as EUC-JP knows them: with the high bits set, JIS X 0212 after 0x8F. */
function jis(content: Buffer, set: 'jis-0208' | 'jis-0212'): string {
  const lead = set === 'jis-0212' ? [0x8f] : [];
  const pairs = Array.from({ length: content.length >> 1 }, (_, i) => [
    ...lead,
    (content[2 * i] as number) | 0x80,
    (content[2 * i + 1] as number) | 0x80,
  ]);
  return decoderOf('euc-jp').decode(Uint8Array.from(pairs.flat()));
}

const ASCII: Decoder = {
  decode: (b) =>
    Buffer.from(b.buffer, b.byteOffset, b.byteLength)
      .toString('latin1')
      .replace(/[\x80-\xff]/g, '\ufffd'),
};

const decoders = new Map<string, Decoder>([['ascii', ASCII]]);

function decoderOf(label: string): Decoder {
  const known = decoders.get(label);
  if (known) return known;
  const native = new TextDecoder(label);
  const decoder: Decoder = { decode: (b) => native.decode(b as Uint8Array) };
  decoders.set(label, decoder);
  return decoder;
}
