/** How a transfer syntax (PS3.5 §10, PS3.6 A) writes a dataset. */
export interface Syntax {
  readonly explicit: boolean;
  readonly bigEndian: boolean;
  /** The whole dataset is one deflate stream. */
  readonly deflated: boolean;
  /** Pixels come as fragments in items, compressed frame by frame. */
  readonly encapsulated: boolean;
}

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
export const DEFLATED = '1.2.840.10008.1.2.1.99';

/** What is not one of the four native syntaxes is Explicit VR Little Endian with encapsulated pixels (PS3.5 A.4). */
export const syntaxOf = (uid: string): Syntax => ({
  explicit: uid !== IMPLICIT_LITTLE,
  bigEndian: uid === EXPLICIT_BIG,
  deflated: uid === DEFLATED,
  encapsulated: ![IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED].includes(uid),
});
