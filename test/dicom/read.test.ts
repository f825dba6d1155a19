import { readdirSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { textDecoder } from '../../server/dicom/charset.ts';
import { framesOf } from '../../server/dicom/encapsulated.ts';
import {
  items,
  number,
  type Part10,
  plainNumber,
  readPart10,
  seriesReader,
  text,
} from '../../server/dicom/read.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';

const u16 = (n: number): number[] => [n & 255, n >> 8];
const u32 = (n: number): number[] => [...u16(n & 0xffff), ...u16(n >>> 16)];
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

/** An element with a 16-bit length, explicit little endian. */
const short = (group: number, element: number, vr: string, value: readonly number[]): number[] => [
  ...u16(group),
  ...u16(element),
  ...ascii(vr),
  ...u16(value.length),
  ...value,
];
/** An element with a 32-bit length. */
const long = (
  group: number,
  element: number,
  vr: string,
  value: readonly number[],
  length = value.length,
): number[] => [...u16(group), ...u16(element), ...ascii(vr), 0, 0, ...u32(length), ...value];
const item = (value: readonly number[]): number[] => [
  ...u16(0xfffe),
  ...u16(0xe000),
  ...u32(value.length),
  ...value,
];
const SEQUENCE_END = [...u16(0xfffe), ...u16(0xe0dd), ...u32(0)];

function part10(uid: string, body: Uint8Array | readonly number[]): Uint8Array {
  const padded = uid.length % 2 ? `${uid}\0` : uid;
  return Uint8Array.from([
    ...new Uint8Array(128),
    ...ascii('DICM'),
    ...short(2, 0x10, 'UI', ascii(padded)),
    ...body,
  ]);
}

const EXPLICIT = '1.2.840.10008.1.2.1';
const PATIENT = short(0x10, 0x20, 'LO', ascii('KIT-1 '));
const ROWS = short(0x28, 0x10, 'US', u16(2));

test('pixels are a view into the file, and what follows them is not read', () => {
  const bytes = part10(EXPLICIT, [
    ...PATIENT,
    ...ROWS,
    ...long(0x7fe0, 0x10, 'OW', [1, 2, 3, 4]),
    0xde,
    0xad,
  ]);
  const { dataset, pixels, TransferSyntaxUID } = readPart10(bytes);
  expect([dataset.PatientID, dataset.Rows, TransferSyntaxUID]).toEqual(['KIT-1', 2, EXPLICIT]);
  expect([...(pixels[0] ?? [])]).toEqual([1, 2, 3, 4]);
  expect(pixels[0]?.buffer).toBe(bytes.buffer);
});

test('private elements are passed over, whatever is in them', () => {
  const nonsense = long(0x11, 0x1001, 'UN', [...item(ascii('not a dataset')), ...SEQUENCE_END], 0xffffffff);
  expect(readPart10(part10(EXPLICIT, [...nonsense, ...PATIENT])).dataset.PatientID).toBe('KIT-1');
});

test('big endian words are turned round, single bytes are not (PS3.5 §7.3)', () => {
  const body = [
    ...[0, 0x28, 1, 0, ...ascii('US'), 0, 2, 0, 16],
    ...[0x7f, 0xe0, 0, 0x10, ...ascii('OW'), 0, 0, 0, 0, 0, 4, 1, 2, 3, 4],
  ];
  const { dataset, pixels } = readPart10(part10('1.2.840.10008.1.2.2', body));
  expect([dataset.BitsAllocated, ...(pixels[0] ?? [])]).toEqual([16, 2, 1, 4, 3]);
});

test('a deflated dataset is read (PS3.5 A.5)', () => {
  const body = deflateRawSync(Uint8Array.from(PATIENT));
  expect(readPart10(part10('1.2.840.10008.1.2.1.99', body)).dataset.PatientID).toBe('KIT-1');
});

test.each([
  ['a file of something else', Uint8Array.from(ascii('<html>'.repeat(40)))],
  [
    'no transfer syntax',
    Uint8Array.from([...new Uint8Array(128), ...ascii('DICM'), ...short(2, 1, 'UI', [])]),
  ],
  [
    'a length beyond the file',
    part10(EXPLICIT, [...PATIENT, ...short(0x10, 0x40, 'CS', []).slice(0, 6), 0xff, 0xff]),
  ],
  ['a sequence that never ends', part10(EXPLICIT, long(8, 0x1140, 'SQ', item([]), 0xffffffff))],
  ['no value representation', part10(EXPLICIT, [...u16(8), ...u16(5), 0, 0, 0, 0])],
  [
    'encapsulated pixels in a native syntax',
    part10(EXPLICIT, long(0x7fe0, 0x10, 'OB', [...item([]), ...SEQUENCE_END], 0xffffffff)),
  ],
  [
    'native pixels in an encapsulated syntax',
    part10('1.2.840.10008.1.2.5', long(0x7fe0, 0x10, 'OB', [1, 2])),
  ],
  ['damaged deflate', part10('1.2.840.10008.1.2.1.99', [1, 2, 3])],
])('%s is refused', (_, bytes) => {
  expect(() => readPart10(bytes)).toThrow(expect.objectContaining({ code: 'DICOM_UNREADABLE' }));
});

test('sequences in sequences are refused before they fill the stack', () => {
  const opening = [
    ...long(8, 0x1140, 'SQ', [], 0xffffffff),
    ...u16(0xfffe),
    ...u16(0xe000),
    ...u32(0xffffffff),
  ];
  const bomb = part10(EXPLICIT, Array.from({ length: 20_000 }, () => opening).flat());
  expect(() => readPart10(bomb)).toThrow('nested more than 50 deep');
});

test('a header without end is refused before it is parsed', () => {
  const text = new Uint8Array(2 ** 24 + 2).fill(0x20);
  const header = Uint8Array.from(long(0x8, 0x103e, 'UT', [], text.length));
  const file = Buffer.concat([part10(EXPLICIT, header), text]);
  expect(() => readPart10(file)).toThrow('more than 16 MiB before its pixels');
});

test('a deflate bomb is refused at its limit', () => {
  const bomb = part10('1.2.840.10008.1.2.1.99', deflateRawSync(Buffer.alloc(2 ** 29 + 2), { level: 1 }));
  expect(() => readPart10(bomb)).toThrow('larger than 512 MiB');
}, 30_000);

const SOI = [0xff, 0xd8, 0xff];
const encapsulated = (table: readonly number[], fragments: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...item(table), ...fragments.flatMap(item), ...SEQUENCE_END]);

test.each<[string, Uint8Array, number[], number[][]]>([
  [
    'one frame in three fragments',
    encapsulated(
      [],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ),
    [],
    [[1, 2, 3, 4, 5, 6]],
  ],
  [
    'a fragment a frame, no table',
    encapsulated(
      [],
      [
        [1, 2],
        [3, 4],
      ],
    ),
    [],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [
    'by the basic table',
    encapsulated(
      [...u32(0), ...u32(20)],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ),
    [],
    [
      [1, 2, 3, 4],
      [5, 6],
    ],
  ],
  [
    'by the extended table',
    encapsulated(
      [],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ),
    [0, 10],
    [
      [1, 2],
      [3, 4, 5, 6],
    ],
  ],
  [
    'by the marks of the images',
    encapsulated(
      [],
      [
        [...SOI, 1],
        [2, 3],
        [...SOI, 4],
      ],
    ),
    [],
    [
      [...SOI, 1, 2, 3],
      [...SOI, 4],
    ],
  ],
])('frames from fragments: %s (PS3.5 A.4)', (_, value, extended, expected) => {
  expect(framesOf(value, expected.length, extended).map((f) => [...f])).toEqual(expected);
});

test.each([
  ['fewer fragments than frames', encapsulated([], [[1, 2]]), 'PIXELS_TRUNCATED'],
  ['no fragment', encapsulated([], []), 'PIXELS_TRUNCATED'],
  [
    'no delimiter',
    encapsulated(
      [],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ).subarray(0, -8),
    'PIXELS_TRUNCATED',
  ],
  [
    'a fragment beyond the end',
    Uint8Array.from([...item([]), ...item([1, 2]).slice(0, 4), ...u32(2 ** 31)]),
    'PIXELS_TRUNCATED',
  ],
  [
    'a table that points beside its fragments',
    encapsulated(
      [...u32(0), ...u32(11)],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ),
    'DICOM_UNREADABLE',
  ],
  [
    'fragments that nothing tells apart',
    encapsulated(
      [],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ),
    'DICOM_UNREADABLE',
  ],
])('frames from %s are refused', (_, value, code) => {
  expect(() => framesOf(value, 2)).toThrow(expect.objectContaining({ code }));
});

/** PS3.5 annexes H, I and J. */
test.each([
  [['ISO_IR 100'], 'Buc^J\xe9r\xf4me', 'Buc^Jérôme'],
  [['ISO_IR 144'], '\xbb\xee\xda', 'Люк'],
  [['ISO_IR 192'], 'Wang=\xe7\x8e\x8b', 'Wang=王'],
  [['ISO_IR 192'], 'a\xffb', 'a\ufffdb'],
  [['GB18030'], '\xcd\xf5', '王'],
  [['ISO_IR 13'], '\xd4\xcf\xc0\xde', 'ﾔﾏﾀﾞ'],
  [['', 'ISO 2022 IR 87'], 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B', 'Yamada^Tarou=山田^太郎'],
  [['ISO 2022 IR 13', 'ISO 2022 IR 87'], '\xd4\xcf\xc0\xde=\x1b$B;3ED\x1b(J', 'ﾔﾏﾀﾞ=山田'],
  [['', 'ISO 2022 IR 149'], 'Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7', 'Hong=洪^吉洞'],
  [['ISO 2022 IR 100', 'ISO 2022 IR 144'], '\xe9\x1b-L\xbb', 'éЛ'],
  [[], 'plain \xe9', 'plain \ufffd'],
  [['NO SUCH SET'], 'plain \xe9', 'plain \ufffd'],
])('text in %j', (terms, bytes, expected) => {
  expect(textDecoder(terms).decode(Buffer.from(bytes, 'latin1'))).toBe(expected);
});

test('text in items is in the character sets of the dataset, or in those of the item (PS3.5 §7.5.3)', () => {
  const meaning = (bytes: string) => short(8, 0x104, 'LO', ascii(bytes.length % 2 ? `${bytes} ` : bytes));
  const utf8 = meaning(Buffer.from('Schädel 王').toString('latin1'));
  const own = [...short(8, 5, 'CS', ascii('\\ISO 2022 IR 87 ')), ...meaning('\x1b$B;3ED\x1b(B')];
  const inner = long(8, 0x1032, 'SQ', item(utf8));
  const { dataset } = readPart10(
    part10(EXPLICIT, [
      ...short(8, 5, 'CS', ascii('ISO_IR 192')),
      ...long(8, 0x1032, 'SQ', [...item(own), ...item(utf8)]),
      ...long(0x40, 0x275, 'SQ', item(inner)),
    ]),
  );
  const [first, second] = items(dataset, 'ProcedureCodeSequence');
  expect([first?.CodeMeaning, second?.CodeMeaning]).toEqual(['山田', 'Schädel 王']);
  const [request] = items(dataset, 'RequestAttributesSequence');
  expect(items(request ?? {}, 'ProcedureCodeSequence')[0]?.CodeMeaning).toBe('Schädel 王');
});

test('a number or UID with letters in it stays what it is: `1,5` is not 15', () => {
  const { dataset } = readPart10(
    part10(EXPLICIT, [
      ...short(8, 0x18, 'UI', ascii('1.2.3a.4')),
      ...short(0x18, 0x50, 'DS', ascii('2.50')),
      ...short(0x20, 0x13, 'IS', ascii('12.0')),
      ...long(0x28, 0x9145, 'SQ', item(short(0x28, 0x1053, 'DS', ascii('1,5 ')))),
      ...short(0x28, 0x1053, 'DS', ascii('1,5 ')),
    ]),
  );
  expect(text(dataset, 'SOPInstanceUID')).toBe('1.2.3a.4');
  expect([number(dataset, 'SliceThickness'), number(dataset, 'InstanceNumber')]).toEqual([2.5, 12]);
  const [transformation] = items(dataset, 'PixelValueTransformationSequence');
  for (const rescale of [dataset, transformation ?? {}]) {
    expect(() => plainNumber(rescale, 'RescaleSlope')).toThrow('RescaleSlope is not a number');
  }
});

describe('instances of a series, read one after the other, are as each read alone', () => {
  const NUMBER = (text: string): number[] => short(0x20, 0x13, 'IS', ascii(text));
  const SITE = short(0x08, 0x80, 'LO', ascii('Spital'));
  const latin = short(0x08, 0x05, 'CS', ascii('ISO_IR 100'));
  const greek = short(0x08, 0x05, 'CS', ascii('ISO_IR 126'));
  const name = short(0x10, 0x10, 'PN', [0xe4, 0xe5]);

  test.each([
    ['a value that changes', [...PATIENT, ...NUMBER('8 ')], [...PATIENT, ...NUMBER('9 ')]],
    ['a value that grows', [...PATIENT, ...NUMBER('9 '), ...ROWS], [...PATIENT, ...NUMBER('1000'), ...ROWS]],
    ['a value that empties', [...PATIENT, ...NUMBER('9 ')], [...PATIENT, ...NUMBER('')]],
    ['an element that goes', [...SITE, ...PATIENT, ...ROWS], [...PATIENT, ...ROWS]],
    ['an element that comes', [...PATIENT, ...ROWS], [...SITE, ...PATIENT, ...ROWS]],
    ['another character set', [...latin, ...name], [...greek, ...name]],
    [
      'a tag that comes twice',
      [...PATIENT, ...ROWS, ...PATIENT],
      [...short(0x10, 0x20, 'LO', ascii('KIT-2 ')), ...ROWS, ...PATIENT],
    ],
    [
      'the same VR by another name',
      [...short(0x28, 0x10, 'US', u16(2))],
      [...short(0x28, 0x10, 'SS', u16(2))],
    ],
  ])('%s', (_, first, second) => {
    const read = seriesReader();
    read(part10(EXPLICIT, first));
    const [inTurn, alone] = [read(part10(EXPLICIT, second)), readPart10(part10(EXPLICIT, second))];
    expect(inTurn.dataset).toEqual(alone.dataset);
    expect(Object.keys(inTurn.dataset)).toEqual(Object.keys(alone.dataset));
  });

  test('another transfer syntax', () => {
    const read = seriesReader();
    read(part10(EXPLICIT, ROWS));
    const implicit = [...u16(0x28), ...u16(0x10), ...u32(2), ...u16(7)];
    expect(read(part10('1.2.840.10008.1.2', implicit)).dataset.Rows).toBe(7);
  });

  test('what is the same is shared', () => {
    const read = seriesReader();
    const file = part10(EXPLICIT, long(0x08, 0x1140, 'SQ', item(PATIENT)));
    expect(items(read(file).dataset, 'ReferencedImageSequence')[0]).toBe(
      items(read(file).dataset, 'ReferencedImageSequence')[0],
    );
  });

  test('an instance that cannot be read leaves the next as it is', () => {
    const read = seriesReader();
    read(part10(EXPLICIT, PATIENT));
    expect(() => read(part10(EXPLICIT, PATIENT.slice(0, -1)))).toThrow(
      expect.objectContaining({ code: 'DICOM_UNREADABLE' }),
    );
    expect(read(part10(EXPLICIT, PATIENT)).dataset).toEqual(readPart10(part10(EXPLICIT, PATIENT)).dataset);
  });
});

describeWithKit('instances of the kit, read one after the other', () => {
  test.each([
    ['C_ct', 1],
    ['A_brain_mri/dicom/datalad_t1_every2nd', 4],
    ['A_brain_mri/dicom/vs_seg_001', 4],
    ['E_hostile/pydicom_test_files', 1],
    ['E_hostile/pydicom_charset', 1],
  ])('%s: are as each read alone', (folder, every) => {
    const files = readdirSync(kitPath(folder), { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((file, i) => file.endsWith('.dcm') && i % every === 0);
    const read = seriesReader();
    let compared = 0;
    for (const file of files) {
      const bytes = kitBytes(folder, file);
      const [inTurn, alone] = [read, readPart10].map((way) => told(() => way(bytes)));
      expect({ file, ...inTurn }).toEqual({ file, ...alone });
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });

  const told = (read: () => Part10): object => {
    try {
      const { dataset, decimals, pixels } = read();
      const planes = (['ImagePositionPatient', 'PixelSpacing'] as const).map((keyword) => decimals(keyword));
      return { dataset, planes, bytes: pixels.map((p) => p.length) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
});
