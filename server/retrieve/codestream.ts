import { Fault } from '../shared/fault.ts';
import type { PixelFormat } from './pixel-format.ts';

/** What a compressed frame says of itself, read before a decoder may believe it. */
export interface CodestreamFacts {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly precision: number;
  /** SOF number of a JPEG: 0 baseline, 1 extended, 2 progressive, 3 lossless. */
  readonly process?: number;
}

/** Reads SOF of JPEG and JPEG-LS, SIZ of JPEG 2000, with or without the JP2 boxes. Throws DICOM_UNREADABLE. */
export function codestreamFacts(frame: Uint8Array): CodestreamFacts {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  try {
    return view.getUint16(0) === 0xffd8 ? jpegFacts(view) : jpeg2000Facts(view, codestreamStart(frame));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('PIXELS_TRUNCATED', 'a compressed frame ends inside its header', { cause });
  }
}

/** Throws DICOM_UNREADABLE when the frame is not of the size that the header says. */
export function checkFacts(facts: CodestreamFacts, format: PixelFormat): void {
  const { rows, columns, samples, bitsAllocated } = format;
  if (
    facts.rows !== rows ||
    facts.columns !== columns ||
    facts.samples !== samples ||
    facts.precision < 1 ||
    facts.precision > Math.min(16, Math.max(8, bitsAllocated))
  ) {
    throw new Fault(
      'DICOM_UNREADABLE',
      `a compressed frame is ${facts.rows} × ${facts.columns} × ${facts.samples} at ${facts.precision} bits, the header says ${rows} × ${columns} × ${samples} at ${bitsAllocated}`,
    );
  }
  if (format.signed && facts.precision <= 8 && format.bitsStored > 8) {
    throw new Fault(
      'PIXELS_UNSUPPORTED',
      `a compressed frame of ${facts.precision} bits for signed pixels of ${format.bitsStored}`,
    );
  }
}

/** Markers of JPEG with a frame header: SOF0…SOF15 without DHT, JPG and DAC; SOF55 of JPEG-LS. */
const isFrameHeader = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;

function jpegFacts(view: DataView): CodestreamFacts {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) unreadable('a JPEG frame has no frame header');
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++;
    else if (isFrameHeader(marker)) {
      return {
        precision: view.getUint8(at + 4),
        rows: view.getUint16(at + 5),
        columns: view.getUint16(at + 7),
        samples: view.getUint8(at + 9),
        process: marker - 0xc0,
      };
    } else if (marker === 0xda || marker === 0xd9) unreadable('a JPEG frame has no frame header');
    else at += 2 + view.getUint16(at + 2);
  }
}

function jpeg2000Facts(view: DataView, start: number): CodestreamFacts {
  if (view.getUint16(start) !== 0xff4f || view.getUint16(start + 2) !== 0xff51) {
    unreadable('a frame is neither JPEG nor JPEG 2000');
  }
  const size = (at: number): number => view.getUint32(start + at);
  const samples = view.getUint16(start + 40);
  const components = Array.from({ length: samples }, (_, i) => ({
    precision: (view.getUint8(start + 42 + 3 * i) & 0x7f) + 1,
    subsampled: view.getUint16(start + 43 + 3 * i) !== 0x0101,
  }));
  if (components.some((c) => c.subsampled || c.precision !== components[0]?.precision)) {
    throw new Fault('PIXELS_UNSUPPORTED', 'the components of a JPEG 2000 frame differ in size or depth');
  }
  return {
    columns: size(8) - size(16),
    rows: size(12) - size(20),
    samples,
    precision: components[0]?.precision ?? 0,
  };
}

/** Some writers wrap the codestream in a JP2 file. */
function codestreamStart(frame: Uint8Array): number {
  if (frame[0] === 0xff) return 0;
  const at = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, 4096)).indexOf(
    'ff4fff51',
    0,
    'hex',
  );
  return at < 0 ? unreadable('a frame is neither JPEG nor JPEG 2000') : at;
}

function unreadable(what: string): never {
  throw new Fault('DICOM_UNREADABLE', what);
}
