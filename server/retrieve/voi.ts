import { type Dataset, functionalGroup, items, number, type Part10, text, texts } from '../dicom/read.ts';
import type { Voi, VoiWindow } from '../dicom/voi.ts';
import { asFault } from '../shared/fault.ts';
import { readTable } from './modality-lut.ts';

/**
 * How a frame (from 0) asks to be shown: VOI LUT module, or Frame VOI LUT of an enhanced image, its own or the shared one (PS3.3
 * C.11.2, C.7.6.16.2.10). Of several windows or tables the first. Undefined when it does not say.
 */
export function voiOf(instance: Part10, frame: number): Voi | undefined {
  const { dataset } = instance;
  const said = functionalGroup(dataset, frame, 'FrameVOILUTSequence') ?? dataset;
  const [lut] = items(said, 'VOILUTSequence');
  const window = windowOf(said);
  if (!lut && !window) return undefined;
  return {
    ...(lut ? tableOf(instance, lut) : {}),
    ...(window ? { window } : {}),
    count: items(said, 'VOILUTSequence').length + texts(said, 'WindowCenter').length,
  };
}

/** The view for values that were multiplied by `factor`, as those of PET are. */
export function inUnit(voi: Voi | undefined, factor: number): Voi | undefined {
  if (!voi || factor === 1) return voi;
  const { table, window, ...rest } = voi;
  return {
    ...rest,
    ...(table ? { tableUnread: 'it is for the stored unit' } : {}),
    ...(window ? { window: multiplied(window, factor) } : {}),
  };
}

/** LINEAR, which counts in whole stored values, is LINEAR_EXACT half a value lower and one narrower; of width 1 it is a step. */
function multiplied({ centre, width, shape }: VoiWindow, factor: number): VoiWindow {
  if (shape !== 'LINEAR') return { centre: centre * factor, width: width * factor, shape };
  const middle = (centre - 0.5) * factor;
  return width > 1
    ? { centre: middle, width: (width - 1) * factor, shape: 'LINEAR_EXACT' }
    : { centre: middle + 0.5, width, shape };
}

const SHAPES = ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'] as const;

/** A width that no formula takes is no window. */
function windowOf(said: Dataset): VoiWindow | undefined {
  const centre = number(said, 'WindowCenter');
  const width = number(said, 'WindowWidth');
  const written = text(said, 'VOILUTFunction') ?? 'LINEAR';
  const shape = SHAPES.find((s) => s === written);
  if (centre === undefined || width === undefined || shape === undefined) return undefined;
  return width > 0 && (shape !== 'LINEAR' || width >= 1) ? { centre, width, shape } : undefined;
}

/** Not every model wants it, so a table that cannot be read is told and not thrown. */
function tableOf(instance: Part10, lut: Dataset): Pick<Voi, 'table' | 'tableUnread'> {
  try {
    const { table, firstMapped, bits } = readTable(instance, lut.LUTDescriptor, lut.LUTData);
    const isSound = Number.isInteger(firstMapped) && table.length > 0 && bits >= 1 && bits <= 16;
    if (!isSound) return { tableUnread: 'its descriptor says nothing sound' };
    // Its sign is that of what comes in (PS3.3 C.11.2.1.1); implicit files don't say so.
    const isNegative = firstMapped >= 2 ** 15 && maybeNegative(instance.dataset);
    return { table: { entries: table, firstMapped: isNegative ? firstMapped - 2 ** 16 : firstMapped, bits } };
  } catch (error) {
    return { tableUnread: asFault(error).detail };
  }
}

/** Can a value after the modality LUT be below 0? */
function maybeNegative(dataset: Dataset): boolean {
  if (items(dataset, 'ModalityLUTSequence').length > 0) return false;
  return number(dataset, 'PixelRepresentation') === 1 || (number(dataset, 'RescaleIntercept') ?? 0) < 0;
}
