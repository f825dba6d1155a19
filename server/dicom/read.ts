/** Reading DICOM: one Part 10 file, and typed access to a dataset. */
export {
  codeOf,
  codesOf,
  type Dataset,
  functionalGroup,
  items,
  number,
  plainNumber,
  text,
  texts,
} from './dataset.ts';
export { type Part10, type PlaneKeyword, readPart10, seriesReader } from './part10.ts';
