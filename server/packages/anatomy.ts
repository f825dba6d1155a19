import { z } from 'zod';
import { readModelFile } from '../explain/graph/model-file.ts';
import { Anatomy, type AnatomySpec } from '../models/picture.ts';
import { sha256 } from '../shared/digest.ts';
import { pictureOf } from './draft.ts';
import { type Answers, structured } from './question.ts';
import { studyPicture } from './study.ts';

/** What a person says of a second network; the rest its file says, and the greys are those of the first. */
export const AskedAnatomy = z.strictObject({
  /** Path of its ONNX file. */
  file: z.string().min(1),
  output: Anatomy.shape.output,
  among: Anatomy.shape.among,
  structures: Anatomy.shape.structures,
  source: Anatomy.shape.source,
});

/** Its name in the package. */
const FILE = 'anatomy.onnx';

export interface SecondNetwork {
  readonly anatomy?: AnatomySpec;
  /** Files beside the model's own, by their names. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The second network of the answers, if there is one. Throws MODEL_FILE_INVALID, MODEL_INPUT_MISMATCH. */
export async function secondNetwork(answers: Answers): Promise<SecondNetwork> {
  const asked = structured(AskedAnatomy, answers.anatomy);
  if (!asked) return { files: new Map() };
  const { file, ...said } = asked;
  const bytes = await readModelFile(file);
  const input = pictureOf(await studyPicture(bytes), answers) as AnatomySpec['input'];
  return {
    anatomy: { onnx: { file: FILE, sha256: sha256(bytes) }, input, ...said },
    files: new Map([[FILE, bytes]]),
  };
}
