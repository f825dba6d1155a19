import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClassificationFinding, Prediction } from '../contracts.ts';
import { readPart10 } from '../dicom/read.ts';
import { infer } from '../infer/infer.ts';
import type { Model } from '../models/load.ts';
import { assembleVolume } from '../retrieve/volume.ts';
import { sha256 } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';

/** An image that the model may read, run once. Images stay where they are: a package keeps their digests alone. */
export interface Sample {
  readonly file: string;
  readonly digest: string;
  /** [channel, row, column], what the model saw. */
  readonly input: Float32Array;
  /** By label. */
  readonly scores: Readonly<Record<string, number>>;
}

/** By SHA-256 of the DICOM file: the scores that the model must give, by label. */
export const Vectors = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.record(z.string(), z.number()));
export type Vectors = z.infer<typeof Vectors>;

/** Runs the model on each .dcm file of a folder. Throws REQUEST_INVALID without any, and names a file that does not run. */
export async function runSamples(model: Model, folder: string, threads: number): Promise<readonly Sample[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.dcm')).toSorted();
  if (names.length === 0) throw new Fault('REQUEST_INVALID', `${folder} holds no .dcm file`);
  const samples: Sample[] = [];
  for (const name of names) {
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    const prediction = await runOne(model, bytes, threads).catch((error: unknown) => {
      throw new Fault(asFault(error).code, `${name}: ${asFault(error).detail}`, { cause: error });
    });
    samples.push({
      file: name,
      digest: sha256(bytes),
      input: prediction.input?.data ?? new Float32Array(),
      scores: Object.fromEntries(
        prediction.findings
          .filter((f): f is ClassificationFinding => f.kind === 'classification')
          .map(({ label, score }) => [label.label, score]),
      ),
    });
  }
  return samples;
}

const runOne = async (model: Model, bytes: Uint8Array, threads: number): Promise<Prediction> =>
  infer(model, await assembleVolume([readPart10(bytes)]), { threads });
