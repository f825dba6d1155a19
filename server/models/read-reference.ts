import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import { Gallery, type Reference, Statistics } from './reference.ts';

/**
 * What a package keeps of known images, or nothing when it keeps none. Throws MODEL_PACKAGE_INVALID for files that are wrong or
 * of another ONNX file than this one.
 */
export async function readReference(folder: string, onnx: string): Promise<Reference | undefined> {
  const statistics = await read(folder, 'statistics.json', Statistics);
  const gallery = await read(folder, 'gallery.json', Gallery);
  if (!statistics) {
    if (gallery) throw invalid(folder, 'gallery.json', 'statistics.json is missing beside it');
    return undefined;
  }
  const stale = [statistics, gallery].find((file) => file && file.onnx !== onnx);
  if (stale)
    throw invalid(
      folder,
      stale === statistics ? 'statistics.json' : 'gallery.json',
      'it is of another ONNX file: run pellucid model reference again',
    );
  const wrong = gallery?.cases.find(({ at }) => at.length !== statistics.features.directions.length);
  if (wrong) throw invalid(folder, 'gallery.json', `${wrong.id} has other directions than statistics.json`);
  return { statistics, ...(gallery ? { gallery } : {}) };
}

async function read<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(join(folder, 'reference', file), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw invalid(folder, file, error.message);
    },
  );
  if (text === undefined) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw invalid(folder, file, (cause as Error).message);
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw invalid(folder, file, z.prettifyError(parsed.error));
}

const invalid = (folder: string, file: string, why: string): Fault =>
  new Fault('MODEL_PACKAGE_INVALID', `${folder}/reference/${file}: ${why}`);
