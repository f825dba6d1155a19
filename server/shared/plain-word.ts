const LONGEST = 48;

/** A value of a header as a word of a sentence of ours: printable ASCII without a backslash, at most 48 characters. */
export function plainWord(value: string): string {
  const plain = value.replace(/[^\x20-\x5b\x5d-\x7e]/g, '?');
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
}
