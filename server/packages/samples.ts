import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Prediction, Volume } from '../contracts.ts';
import { readPart10 } from '../dicom/read.ts';
import { infer } from '../infer/infer.ts';
import type { Model } from '../models/load.ts';
import { assembleVolume } from '../retrieve/volume.ts';
import { sha256 } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { type Values, valuesOf } from './vectors.ts';

/** A series that the model may read, run once. Images stay where they are: a package keeps their digests alone. */
export interface Sample {
  /** Of the file, or of a volume's folder. */
  readonly name: string;
  /** SHA-256 of the DICOM file; of a volume, of the digests of its files. */
  readonly digest: string;
  readonly values: Values;
  /** Milliseconds of the run, without reading. */
  readonly ms: number;
  /** Kept of the first few: what the model made of it. */
  readonly prediction?: Prediction;
  read(): Promise<Volume>;
}

export interface SampleOptions {
  readonly threads: number;
  /** So many predictions are kept. */
  readonly keep: number;
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Runs the model on each sample of a folder: a .dcm file each for a model of images; for a segmentation the .dcm files of each
 * folder in it, or of the folder itself. Throws REQUEST_INVALID without any, and names a sample that does not run.
 */
export async function runSamples(
  model: Model,
  folder: string,
  { threads, keep, progress }: SampleOptions,
): Promise<readonly Sample[]> {
  const found = await samplesIn(folder, model.spec.kind);
  if (found.length === 0) throw new Fault('REQUEST_INVALID', `${folder} holds no .dcm file`);
  const samples: Sample[] = [];
  for (const [n, { name, files }] of found.entries()) {
    progress?.(n, found.length);
    const bytes = await Promise.all(files.map(readBytes));
    const digests = bytes.map(sha256);
    const read = async (): Promise<Volume> =>
      assembleVolume(
        (await Promise.all(files.map(readBytes))).map(readPart10),
        files.length,
        model.spec.accepts,
      );
    const run = async () => {
      const volume = await read();
      const began = performance.now();
      const prediction = await infer(model, volume, { threads });
      return { prediction, ms: performance.now() - began, values: valuesOf(prediction, volume) };
    };
    const { prediction, ms, values } = await run().catch((error: unknown) => {
      throw new Fault(asFault(error).code, `${name}: ${asFault(error).detail}`, { cause: error });
    });
    samples.push({
      name,
      digest: digests.length === 1 ? (digests[0] as string) : sha256(digests.toSorted().join('\n')),
      values,
      ms,
      ...(n < keep ? { prediction } : {}),
      read,
    });
  }
  return samples;
}

interface Found {
  readonly name: string;
  readonly files: readonly string[];
}

async function samplesIn(folder: string, kind: Model['spec']['kind']): Promise<readonly Found[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const own = entries.filter((e) => e.name.endsWith('.dcm')).map((e) => join(folder, e.name));
  if (kind !== 'segmentation') return own.toSorted().map((file) => ({ name: basename(file), files: [file] }));
  const below = await Promise.all(
    entries
      .filter((e) => e.isDirectory())
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((e) => samplesIn(join(folder, e.name), kind)),
  );
  return [...(own.length > 0 ? [{ name: basename(folder), files: own.toSorted() }] : []), ...below.flat()];
}

const readBytes = async (file: string): Promise<Uint8Array> => new Uint8Array(await readFile(file));
