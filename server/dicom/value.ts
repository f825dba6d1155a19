/** Values as DICOM writes them: one check a value representation (PS3.5 §6.2). A value that does not fit is a Misfit. */

/** Why a value was refused, and where. Says the rule, never the value: it may be a patient's. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  readonly rule: string;
  readonly path: string;

  constructor(rule: string, path = '') {
    super(`${path}: ${rule}`);
    this.rule = rule;
    this.path = path;
  }

  /** The same in an attribute (`Keyword`) or an item (`[0]`) around it. */
  at(where: string): Misfit {
    return new Misfit(this.rule, where.startsWith('[') ? `${where}.${this.path}` : where + this.path);
  }
}

type Format = (value: unknown) => unknown;

/**
 * The values of one attribute as they are written: strings, numbers, BigInts, or one array of bytes. `vr` is one of FORMATS.
 * Throws Misfit.
 */
export function formatValues(vr: string, values: readonly unknown[]): unknown[] {
  const format = Object.hasOwn(FORMATS, vr) ? FORMATS[vr] : undefined;
  if (!format) throw new Misfit(`VR ${vr} is not written`);
  if (values.length > 1 && SINGLE.has(vr)) throw new Misfit(`VR ${vr} has one value`);
  return values.map(format);
}

/** How many values an attribute with this VM may have: `1`, `3`, `1-n`, `2-2n`. No value at all is checked elsewhere. */
export function fitsMultiplicity(vm: string, count: number): boolean {
  const [least = '1', most = least] = vm.split('-');
  const min = Number(least);
  if (!most.endsWith('n')) return count >= min && count <= Number(most);
  const step = Number(most.slice(0, -1) || 1);
  return count >= min && (count - min) % step === 0;
}

/**
 * A number as DS: at most 16 characters, the most precise of the plain and the exponent form (PS3.5 §6.2). The shortest form that
 * reads back as the same number is kept when it fits.
 */
export function decimalString(value: number): string {
  if (!Number.isFinite(value)) throw new Misfit('DS is a finite number');
  const exact = String(value).toUpperCase();
  if (exact.length <= 16) return exact;
  const forms = Array.from({ length: 16 }, (_, digits) => [
    value.toPrecision(digits + 1).toUpperCase(),
    value.toExponential(digits).toUpperCase(),
  ]).flat();
  const fitting = forms.filter((f) => f.length <= 16);
  const error = (f: string): number => Math.abs(Number(f) - value);
  return fitting.reduce((best, f) => (error(f) < error(best) ? f : best));
}

/** A backslash is text in these, and bytes have no separator: more than one value cannot be told apart (PS3.5 §6.2). */
const SINGLE = new Set(['LT', 'OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'ST', 'UN', 'UR', 'UT']);

const text = (limit: number, forbidden: RegExp): Format => {
  return (value) => {
    const string = stringOf(value);
    if (!string.isWellFormed()) throw new Misfit('text has half a surrogate pair');
    if ([...string].length > limit) throw new Misfit(`longer than ${limit} characters`);
    if (forbidden.test(string)) throw new Misfit('has a control character or a backslash');
    return string;
  };
};

const pattern = (regex: RegExp, rule: string): Format => {
  return (value) => {
    const string = stringOf(value).trim();
    if (!regex.test(string)) throw new Misfit(`is not ${rule}`);
    return string;
  };
};

const integer = (min: number, max: number): Format => {
  return (value) => {
    const n = typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value;
    if (typeof n !== 'number' || !Number.isInteger(n) || n < min || n > max)
      throw new Misfit(`is not an integer from ${min} to ${max}`);
    return n;
  };
};

const float = (max: number): Format => {
  return (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > max)
      throw new Misfit('is not a finite number in range');
    return value;
  };
};

const bigInteger = (min: bigint, max: bigint): Format => {
  return (value) => {
    const n = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof n !== 'bigint' || n < min || n > max)
      throw new Misfit(`is not an integer from ${min} to ${max}`);
    return n;
  };
};

/** The bytes of a view and not of its whole buffer, whole words of `width` bytes. */
const bytes = (width: number): Format => {
  return (value) => {
    if (!ArrayBuffer.isView(value)) throw new Misfit('is not an array of bytes');
    if (value.byteLength % width !== 0) throw new Misfit(`is not made of words of ${width} bytes`);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  };
};

const ds: Format = (value) => {
  if (typeof value === 'number') return decimalString(value);
  const string = stringOf(value).trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(string)) throw new Misfit('is not a decimal number');
  return string.length <= 16 ? string : decimalString(Number(string));
};

const is: Format = (value) => String(integer(-(2 ** 31), 2 ** 31 - 1)(value));

/** `Family^Given`, or the three component groups; each group at most 64 characters and five parts (PS3.5 §6.2.1). */
const pn: Format = (value) => {
  const groups =
    typeof value === 'string' || value === null || typeof value !== 'object'
      ? stringOf(value).split('=')
      : ['Alphabetic', 'Ideographic', 'Phonetic'].map((g) => stringOf(Reflect.get(value, g) ?? ''));
  if (groups.length > 3) throw new Misfit('has more than three component groups');
  const checked = groups.map((group) => {
    if (group.split('^').length > 5) throw new Misfit('has more than five name components');
    return text(64, SHORT_TEXT)(group);
  });
  return checked.join('=').replace(/=+$/, '');
};

const calendarDate: Format = (value) => {
  const string = String(pattern(/^\d{8}$/, 'a date YYYYMMDD')(value));
  const [y, m, d] = [string.slice(0, 4), string.slice(4, 6), string.slice(6)].map(Number);
  const date = new Date(Date.UTC(y ?? 0, (m ?? 0) - 1, d));
  if (date.getUTCMonth() + 1 !== m || date.getUTCDate() !== d)
    throw new Misfit('is not a day of the calendar');
  return string;
};

/* biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused */
const SHORT_TEXT = /[\u0000-\u001f\u007f\\]/;
/* biome-ignore lint/suspicious/noControlCharactersInRegex: all but TAB, LF, FF, CR are refused */
const LONG_TEXT = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;
const TIME = '([01]\\d|2[0-3])([0-5]\\d(([0-5]\\d|60)(\\.\\d{1,6})?)?)?';
const DATE_TIME = `\\d{4}((0[1-9]|1[0-2])((0[1-9]|[12]\\d|3[01])(${TIME})?)?)?([+-](0\\d|1[0-4])[0-5]\\d)?`;

const FORMATS: Readonly<Record<string, Format>> = {
  AE: pattern(
    /^[\x21-\x5b\x5d-\x7e][\x20-\x5b\x5d-\x7e]{0,15}$/,
    'an application entity of at most 16 characters',
  ),
  AS: pattern(/^\d{3}[DWMY]$/, 'an age such as 042Y'),
  AT: integer(0, 0xffffffff),
  CS: pattern(/^[A-Z0-9 _]{0,16}$/, 'a code string of at most 16 capitals, digits, blanks and underscores'),
  DA: calendarDate,
  DS: ds,
  DT: pattern(new RegExp(`^${DATE_TIME}$`), 'a date and time'),
  FD: float(Number.MAX_VALUE),
  FL: float(3.4028234663852886e38),
  IS: is,
  LO: text(64, SHORT_TEXT),
  LT: text(10_240, LONG_TEXT),
  OB: bytes(1),
  OD: bytes(8),
  OF: bytes(4),
  OL: bytes(4),
  OV: bytes(8),
  OW: bytes(2),
  PN: pn,
  SH: text(16, SHORT_TEXT),
  SL: integer(-(2 ** 31), 2 ** 31 - 1),
  SS: integer(-32_768, 32_767),
  ST: text(1024, LONG_TEXT),
  SV: bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  TM: pattern(new RegExp(`^${TIME}$`), 'a time HHMMSS.FFFFFF'),
  UC: text(2 ** 32 - 2, SHORT_TEXT),
  UI: pattern(/^(?=.{1,64}$)(0|[1-9]\d*)(\.(0|[1-9]\d*))*$/, 'a UID'),
  UL: integer(0, 2 ** 32 - 1),
  UN: bytes(1),
  UR: pattern(/^[\x21-\x5b\x5d-\x7e]+$/, 'a URI'),
  US: integer(0, 65_535),
  UT: text(2 ** 32 - 2, LONG_TEXT),
  UV: bigInteger(0n, 2n ** 64n - 1n),
};

const stringOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new Misfit('is not text');
};
