import type { Planes } from '../contracts.ts';
import { number, type Part10, text } from '../dicom/read.ts';
import { SeriesInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import { checkOnePatient, sourceOf, uidOf } from './frame-source.ts';
import { placeFrames } from './place.ts';

/** Stacks that a package took may be tilted or irregular; the frames keep their own places. */
const ANY_STACK = { tilted: 'resample', irregular: 'resample' } as const;

/**
 * Where the frames of a series lie, in the geometric order of a Volume; nothing is decoded. Throws PATIENT_MIXED,
 * GEOMETRY_AMBIGUOUS, RETRIEVE_INCOMPLETE.
 */
export async function readPlanes(instances: AsyncIterable<Part10>): Promise<Planes> {
  const headers: Part10[] = [];
  for await (const instance of instances) headers.push({ ...instance, pixels: [] });
  const [first] = headers;
  if (!first) throw new Fault('RETRIEVE_INCOMPLETE', 'the series is empty');
  const grid = gridOf(first);
  for (const header of headers) {
    checkOnePatient(first, header);
    if (gridOf(header).join() !== grid.join())
      throw new Fault('GEOMETRY_AMBIGUOUS', 'the images of the series differ in Rows or Columns');
  }
  const frames = headers.flatMap((instance) =>
    Array.from({ length: number(instance.dataset, 'NumberOfFrames') ?? 1 }, (_, index) => ({
      instance,
      index,
    })),
  );
  const { order, geometry, PixelSpacing } = placeFrames(frames, ANY_STACK);
  const ordered = order.flatMap((k) => frames[k] ?? []);
  return {
    shape: [ordered.length, ...grid],
    PixelSpacing,
    geometry,
    frames: ordered.map((frame) => sourceOf(frame, geometry !== null)),
    SeriesInstanceUID: uidOf(SeriesInstanceUID, first, 'SeriesInstanceUID'),
    header: (ordered[0]?.instance ?? first).dataset,
  };
}

function gridOf({ dataset }: Part10): readonly [rows: number, columns: number] {
  const [rows, columns] = [number(dataset, 'Rows'), number(dataset, 'Columns')];
  if (!rows || !columns)
    throw new Fault(
      'GEOMETRY_AMBIGUOUS',
      `${text(dataset, 'SOPClassUID')} without Rows and Columns is no image`,
    );
  return [rows, columns];
}
