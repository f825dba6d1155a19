/** How an image asks to be shown, as its header says it; retrieve/ reads it, infer/ and encode/ apply it. */

/** A window (PS3.3 C.11.2.1.2, .3), in units of the volume's values. */
export interface VoiWindow {
  readonly centre: number;
  readonly width: number;
  readonly shape: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
}

/** Entry k is for the value `firstMapped` + k, from 0 to 2^bits − 1; values outside take the end entries (PS3.3 C.11.2.1.1). */
export interface VoiTable {
  readonly entries: ArrayLike<number>;
  readonly firstMapped: number;
  readonly bits: number;
}

/** How an image asks to be shown: of each kind the first view. */
export interface Voi {
  readonly table?: VoiTable;
  /** Why the first table is not read. */
  readonly tableUnread?: string;
  readonly window?: VoiWindow;
  /** Views that it offers in all. */
  readonly count: number;
}
