import { codeOf, type Dataset, items, text, texts } from '../../dicom/read.ts';
import { children, measurementOf, nameOf, typeOf } from '../../results/content.ts';
import type { TreeItem } from '../contract/case.ts';

/** A report as a person reads it, each item with its codes. */
export function treeOf(item: Dataset): TreeItem {
  const name = nameOf(item);
  return {
    name: name?.meaning ?? KINDS[typeOf(item)] ?? 'Item',
    ...(name ? { code: `${name.value} ${name.scheme}` } : {}),
    ...saidBy(item),
    children: children(item).map(treeOf),
  };
}

/** Of items without a name: images of the library have none. */
const KINDS: Readonly<Record<string, string>> = { IMAGE: 'Image', CONTAINER: 'Group' };

function saidBy(item: Dataset): Pick<TreeItem, 'value' | 'valueCode'> {
  switch (typeOf(item)) {
    case 'CODE': {
      const value = codeOf(item, 'ConceptCodeSequence');
      return value ? { value: value.meaning, valueCode: `${value.value} ${value.scheme}` } : {};
    }
    case 'NUM': {
      const measured = measurementOf(item);
      if (!measured) return { value: 'not available' };
      const unit = measured.unit && measured.unit.value !== '1' ? ` ${measured.unit.value}` : '';
      return { value: `${measured.value}${unit}` };
    }
    case 'PNAME':
      return worded(personOf(item.PersonName));
    case 'IMAGE':
    case 'COMPOSITE':
      return worded(items(item, 'ReferencedSOPSequence').map(referenceOf)[0]);
    case 'SCOORD':
    case 'SCOORD3D': {
      const numbers = texts(item, 'GraphicData').length;
      const points = numbers / (typeOf(item) === 'SCOORD' ? 2 : 3);
      return { value: `${text(item, 'GraphicType') ?? 'shape'} of ${points} points` };
    }
    default:
      return worded(
        text(item, 'TextValue') ?? text(item, 'UID') ?? text(item, 'DateTime') ?? text(item, 'Date'),
      );
  }
}

const worded = (value: string | undefined): Pick<TreeItem, 'value'> => (value === undefined ? {} : { value });

function referenceOf(image: Dataset): string {
  const [segment, frame] = [text(image, 'ReferencedSegmentNumber'), text(image, 'ReferencedFrameNumber')];
  return [
    text(image, 'ReferencedSOPInstanceUID') ?? '',
    ...(segment ? [`segment ${segment}`] : []),
    ...(frame ? [`frame ${frame}`] : []),
  ].join(', ');
}

function personOf(value: unknown): string | undefined {
  const first: unknown = [value].flat()[0];
  const name = typeof first === 'object' && first !== null ? Reflect.get(first, 'Alphabetic') : first;
  return typeof name === 'string' ? name : undefined;
}
