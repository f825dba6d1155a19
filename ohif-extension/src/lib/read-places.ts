import { childrenOf, nameOf, textUnder, valueTypeOf } from './content-tree.ts';
import { type DicomJson, items, numbers, sameCode, text } from './dicom-json.ts';
import type { Finding, Region } from './result.ts';

const COMMENT = { value: '121106', scheme: 'DCM' };
/** Which image a number was taken from: no place of the finding (docs/result-format.md). */
const SOURCE_OF_MEASUREMENT = { value: '121112', scheme: 'DCM' };

type Places = Pick<Finding, 'regions' | 'hasUndrawn' | 'isPlacedIn3D'>;

/** What a Measurement Group says of where it is: outlines of its own and of its numbers, with their name and meaning, and whether there are places that are not drawn. */
export function readPlaces(group: DicomJson): Places {
  const [, name = '', meaning = ''] = /^([^:]*): (.*)$/s.exec(textUnder(group, COMMENT) ?? '') ?? [];
  const drawn = coordinatesOf(group).map((item) => regionsOf(item));
  const found = drawn.flat().map((region) => ({ name, meaning, ...region }));
  return {
    // Numbers of one outline repeat it.
    regions: [...new Map(found.map((region) => [JSON.stringify(region), region])).values()],
    ...(drawn.some((regions) => regions.length === 0) ? { hasUndrawn: true } : {}),
    ...(hasScoord3D(group) ? { isPlacedIn3D: true } : {}),
  };
}

/** By whatever name: another maker's lines often have none. */
const coordinatesOf = (group: DicomJson): readonly DicomJson[] =>
  childrenOf(group)
    .flatMap((item) => (valueTypeOf(item) === 'NUM' ? childrenOf(item) : item))
    .filter((item) => valueTypeOf(item) === 'SCOORD' && !sameCode(nameOf(item), SOURCE_OF_MEASUREMENT));

/** Of a Comprehensive 3D SR, by whatever name (PS3.3 C.18.9). */
const hasScoord3D = (item: DicomJson): boolean =>
  childrenOf(item).some((child) => valueTypeOf(child) === 'SCOORD3D' || hasScoord3D(child));

/** On each image and frame that it was selected from; none where it cannot be drawn as it is meant. */
function regionsOf(item: DicomJson): readonly Omit<Region, 'name' | 'meaning'>[] {
  const shapes = shapesOf(text(item, 'GraphicType'), pairs(numbers(item, 'GraphicData')));
  return childrenOf(item)
    .flatMap((child) => items(child, 'ReferencedSOPSequence'))
    .slice(0, 1)
    .flatMap((image) => {
      const SOPInstanceUID = text(image, 'ReferencedSOPInstanceUID');
      if (!SOPInstanceUID) return [];
      const frames = numbers(image, 'ReferencedFrameNumber');
      const places =
        frames.length > 0 ? frames.map((frame) => ({ SOPInstanceUID, frame })) : [{ SOPInstanceUID }];
      return places.flatMap((place) => shapes.map((shape) => ({ ...place, ...shape })));
    });
}

type Point = readonly [column: number, row: number];
type Shape = Pick<Region, 'points' | 'isOpen'>;

/** Polygons of as many corners as look round; a point is a small circle (PS3.3 C.18.6.1.2). */
function shapesOf(type: string | undefined, points: readonly Point[]): readonly Shape[] {
  const [first, second, third, fourth] = points;
  if (!first) return [];
  if (type === 'POINT' && !second) return [markAt(first)];
  if (type === 'MULTIPOINT') return points.map(markAt);
  if (type === 'CIRCLE' && second && !third) {
    const radius = Math.hypot(second[0] - first[0], second[1] - first[1]);
    return [{ points: ellipse(first, [radius, 0], [0, radius]) }];
  }
  if (type === 'ELLIPSE' && second && third && fourth && points.length === 4) {
    const half = (a: Point, b: Point): Point => [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2];
    const [long, short] = [half(first, second), half(third, fourth)];
    return [{ points: ellipse([first[0] + long[0], first[1] + long[1]], long, short) }];
  }
  if (type !== 'POLYLINE' || !second) return [];
  const last = points.at(-1) as Point;
  return [{ points, ...(last[0] === first[0] && last[1] === first[1] ? {} : { isOpen: true }) }];
}

/** Radius of what marks a point, in pixels of the image. */
const MARK = 4;
const CORNERS = 48;

const markAt = (point: Point): Shape => ({ points: ellipse(point, [MARK, 0], [0, MARK]) });

const ellipse = (centre: Point, a: Point, b: Point): readonly Point[] =>
  Array.from({ length: CORNERS }, (_, i): Point => {
    const [cos, sin] = [Math.cos((2 * Math.PI * i) / CORNERS), Math.sin((2 * Math.PI * i) / CORNERS)];
    return [centre[0] + a[0] * cos + b[0] * sin, centre[1] + a[1] * cos + b[1] * sin];
  });

/** None where one has no partner. */
const pairs = (values: readonly number[]): readonly Point[] =>
  values.length % 2 === 1
    ? []
    : Array.from({ length: values.length / 2 }, (_, i) => [
        values[2 * i] as number,
        values[2 * i + 1] as number,
      ]);
