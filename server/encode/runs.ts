import type { LabelMap } from '../contracts.ts';

/**
 * Calls `visit` for each run of equal labels, from its first index to before its end. A run is followed four bytes at a time where
 * labels lie so in memory: a label map is mostly long runs.
 */
export function eachRun(
  labels: LabelMap['data'],
  visit: (label: number, from: number, end: number) => void,
): void {
  const words = wordsOf(labels);
  const perWord = 4 / labels.BYTES_PER_ELEMENT;
  const repeated = perWord === 4 ? 0x01010101 : 0x00010001;
  for (let from = 0; from < labels.length; ) {
    const label = labels[from] as number;
    const word = Math.imul(label, repeated);
    let end = from + 1;
    while (end % perWord !== 0 && end < labels.length && labels[end] === label) end++;
    if (end % perWord === 0) {
      let at = end / perWord;
      while (at < words.length && words[at] === word) at++;
      end = Math.max(end, at * perWord);
    }
    while (end < labels.length && labels[end] === label) end++;
    visit(label, from, end);
    from = end;
  }
}

/** The same bytes as whole words; none where the labels do not begin on one. */
const wordsOf = ({ buffer, byteOffset, byteLength }: LabelMap['data']): Int32Array =>
  byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, byteLength >> 2) : new Int32Array();
