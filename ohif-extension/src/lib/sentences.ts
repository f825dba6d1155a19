/**
 * A sentence ends with a full stop before a space and a capital, so that `0.61` and `e.g. this` stay whole; before a number only after a whole
 * word, a figure or a bracket, so that `e.g. 3` does.
 */
export const sentencesOf = (text: string): readonly string[] =>
  text
    .split(/(?<=\.)\s+(?=\p{Lu})|(?<=(?:\p{L}{2}|[\d)%”])\.)\s+(?=\d)/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
