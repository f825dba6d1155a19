import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutComments } from '../../server/deidentify/comments.ts';
import { type Part10, readPart10 } from '../../server/dicom/read.ts';
import { syntaxOf } from '../../server/dicom/syntax.ts';
import { decoderOf } from '../../server/retrieve/codec.ts';
import { pixelFormat } from '../../server/retrieve/pixel-format.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';

const SAID = Buffer.from('Zwiebelturm^Ottokar');
/** A marker segment that holds text. */
const segment = (marker: number): Buffer =>
  Buffer.concat([Uint8Array.of(0xff, marker, 0, SAID.length + 2), SAID]);
const [COM, EXIF, ADOBE, COMMENT_2000] = [0xfe, 0xe1, 0xee, 0x64];
const JPEG = '1.2.840.10008.1.2.4.70';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const SCAN = Buffer.from([0xff, 0xda, 0, 4, 1, 0, 0x12, 0xff, 0x00, 0xff, 0xd3, 0x34]);
const [SOI, EOI] = [Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xd9])];

test.each<[string, readonly Uint8Array[], readonly Uint8Array[]]>([
  ['a comment before the frame', [SOI, segment(COM), SCAN, EOI], [SOI, SCAN, EOI]],
  ['Exif', [SOI, segment(EXIF), SCAN, EOI], [SOI, SCAN, EOI]],
  ['a comment between two scans', [SOI, SCAN, segment(COM), SCAN, EOI], [SOI, SCAN, SCAN, EOI]],
  ['what follows the end', [SOI, SCAN, EOI, SAID], [SOI, SCAN, EOI]],
  ['fill bytes before a comment', [SOI, Uint8Array.of(0xff), segment(COM), SCAN, EOI], [SOI, SCAN, EOI]],
])('of a JPEG goes %s', (_, frame, rest) => {
  expect(withoutComments(Buffer.concat(frame), JPEG)).toEqual(Buffer.concat(rest));
});

test('what a decoder reads of the colours stays', () => {
  const frame = Buffer.concat([SOI, segment(ADOBE), SCAN, EOI]);
  expect(withoutComments(frame, JPEG)).toEqual(frame);
});

test('of JPEG 2000 comments go, tiles stay as they are', () => {
  const tiles = Buffer.from([0xff, 0x90, 0, 10, 1, 2, 3]);
  const begin = Buffer.from([0xff, 0x4f]);
  const frame = Buffer.concat([begin, segment(COMMENT_2000), tiles]);
  expect(withoutComments(frame, JPEG_2000)).toEqual(Buffer.concat([begin, tiles]));
});

test.each<[string, Uint8Array]>([
  ['is cut off', Buffer.concat([SOI, SCAN])],
  ['is damaged', Buffer.concat([SOI, SAID, EOI])],
  ['is a film', Uint8Array.of(0, 0, 1, 0xb3, 1, 2)],
  ['comes in the boxes of a file', Buffer.from('0000000c6a5020200d0a870a', 'hex')],
])('a frame that %s is COPY_REFUSED', (_, frame) => {
  expect(() => withoutComments(frame, JPEG)).toThrow('COPY_REFUSED');
});

describeWithKit('compressed images as others wrote them', () => {
  const root = kitPath('E_hostile');
  const FOLDERS = ['pydicom_data', 'cornerstone_transfer_syntaxes'];
  const images = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  )
    .filter((name) => name.endsWith('.dcm'))
    .flatMap((name): readonly (readonly [string, Part10])[] => {
      try {
        const image = readPart10(readFileSync(join(root, name)));
        return syntaxOf(image.TransferSyntaxUID).encapsulated ? [[name, image]] : [];
      } catch {
        // Damaged on purpose.
        return [];
      }
    });

  test('have the same pixels afterwards, by the codecs', async () => {
    let decoded = 0;
    for (const [name, image] of images) {
      const decode = await decoderOf(image.TransferSyntaxUID).catch(() => undefined);
      const [frame] = image.pixels;
      if (!decode || !frame) continue;
      const sum = (bytes: Uint8Array): string | undefined => {
        try {
          return sha256(decode(bytes, pixelFormat(image)).bytes);
        } catch {
          return undefined;
        }
      };
      const before = sum(frame);
      // What nobody can read is not compared.
      if (before === undefined) continue;
      decoded++;
      expect([name, sum(withoutComments(frame, image.TransferSyntaxUID))]).toEqual([name, before]);
    }
    expect(decoded).toBeGreaterThan(20);
  });

  test('many say who compressed them, and do no more', () => {
    const saying = images.filter(([, { pixels, TransferSyntaxUID }]) => {
      try {
        return pixels.some((f) => withoutComments(f, TransferSyntaxUID).length < f.length - 1);
      } catch {
        return false;
      }
    });
    expect(saying.length).toBeGreaterThan(5);
  });
});
