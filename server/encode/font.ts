/** Letters of 5 × 7 dots, seven rows each as two hexadecimal digits, the left dot being 16. Capitals only. */
const GLYPHS: Readonly<Record<string, string>> = {
  ' ': '00000000000000',
  A: '0E11111F111111',
  B: '1E11111E11111E',
  C: '0E11101010110E',
  D: '1C12111111121C',
  E: '1F10101E10101F',
  F: '1F10101E101010',
  G: '0E11101711110F',
  H: '1111111F111111',
  I: '0E04040404040E',
  J: '0702020202120C',
  K: '11121418141211',
  L: '1010101010101F',
  M: '111B1515111111',
  N: '11111915131111',
  O: '0E11111111110E',
  P: '1E11111E101010',
  Q: '0E11111115120D',
  R: '1E11111E141211',
  S: '0F10100E01011E',
  T: '1F040404040404',
  U: '1111111111110E',
  V: '11111111110A04',
  W: '11111115151B11',
  X: '11110A040A1111',
  Y: '1111110A040404',
  Z: '1F01020408101F',
  '0': '0E11131519110E',
  '1': '040C040404040E',
  '2': '0E11010204081F',
  '3': '1F02040201110E',
  '4': '02060A121F0202',
  '5': '1F101E0101110E',
  '6': '0608101E11110E',
  '7': '1F010204080808',
  '8': '0E11110E11110E',
  '9': '0E11110F01020C',
  '.': '00000000000C0C',
  ',': '000000000C0408',
  ':': '000C0C000C0C00',
  '-': '0000001F000000',
  _: '0000000000001F',
  '/': '00010204081000',
  '(': '02040808080402',
  ')': '08040202020408',
  '+': '0004041F040400',
  '%': '18190204081303',
  '?': '0E110102040004',
};

export const GLYPH_WIDTH = 6;
export const LINE_HEIGHT = 10;

/** The dots of one line of text as [row, column] from its top left; a letter without a glyph is a question mark. */
export function dotsOf(line: string): readonly (readonly [number, number])[] {
  return [...letters(line)].flatMap((letter, at) => {
    const glyph = GLYPHS[letter] ?? (GLYPHS['?'] as string);
    return Array.from({ length: 7 }, (_, row) =>
      Number.parseInt(glyph.slice(row * 2, row * 2 + 2), 16),
    ).flatMap((bits, row) =>
      [0, 1, 2, 3, 4]
        .filter((column) => bits & (16 >> column))
        .map((column) => [row, at * GLYPH_WIDTH + column] as const),
    );
  });
}

/** Words filled into lines of at most `width` letters; a longer word is broken. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((w) => w.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** Capitals without their accents. */
const letters = (line: string): string =>
  line.normalize('NFD').replace(/\p{M}/gu, '').replace(/[–—]/g, '-').toUpperCase();
