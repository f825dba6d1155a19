/** What is used of dcmjs, typed: it ships no declarations. */
declare module 'dcmjs' {
  /** One element of the DICOM JSON-like dictionary, by tag as eight hexadecimal digits. */
  export interface DcmjsElement {
    vr: string;
    Value?: unknown[];
    /** Strings as stored, before numbers are made of them. */
    _rawValue?: unknown;
  }
  export type DcmjsDict = Record<string, DcmjsElement>;
  export interface DictionaryEntry {
    tag: string;
    vr: string;
    name: string;
    vm: string;
    version?: string;
  }
  export interface DcmjsStream {
    setDecoder(decoder: { decode(bytes: ArrayBufferView): string }): void;
    /** The next bytes as a stream of their own. */
    more(length: number): DcmjsStream;
    slice(start: number, end: number): ArrayBuffer;
    /** Skips bytes. */
    increment(length: number): void;
  }
  interface Logger {
    setLevel(level: 'silent' | 'error' | 'warn' | 'info'): void;
  }
  interface Dcmjs {
    data: {
      DicomMessage: {
        readFile(
          buffer: ArrayBufferLike,
          options?: { ignoreErrors?: boolean },
        ): { meta: DcmjsDict; dict: DcmjsDict };
        /** Reads a dataset without preamble and meta information. */
        _read(stream: DcmjsStream, transferSyntaxUID: string): DcmjsDict;
      };
      ReadBufferStream: new (buffer: ArrayBufferLike, littleEndian: boolean) => DcmjsStream;
      DicomDict: new (
        meta: DcmjsDict,
      ) => { dict: DcmjsDict; write(options?: Record<string, unknown>): ArrayBuffer };
      DicomMetaDictionary: {
        naturalizeDataset(dict: DcmjsDict): Record<string, unknown>;
        denaturalizeDataset(dataset: Record<string, unknown>): DcmjsDict;
        nameMap: Record<string, DictionaryEntry | undefined>;
        dictionary: Record<string, DictionaryEntry | undefined>;
      };
      BitArray: {
        pack(pixels: ArrayLike<number>): Uint8Array;
        unpack(packed: ArrayBuffer | Uint8Array): Uint8Array;
      };
    };
    log: Logger & { getLogger(name: string): Logger };
  }
  const dcmjs: Dcmjs;
  export default dcmjs;
  export const data: Dcmjs['data'];
  export const log: Dcmjs['log'];
}
