import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { asFault, Fault } from '../shared/fault.ts';

/**
 * What the operator decided of the models, in one small file of DATA_DIR: `pellucid model` writes it, the server reads it at each
 * series that arrives.
 */
export const ModelState = z.strictObject({
  schema: z.literal(1),
  /** By model id: the version that writes into the archive, as it was when it was promoted; null: none. */
  promoted: z.record(
    z.string(),
    z.strictObject({ version: z.string(), digest: z.string(), at: z.string() }).nullable(),
  ),
  /** By model id: the version that answers a share of studies, in percent, beside the one that was promoted. */
  canary: z
    .record(
      z.string(),
      z.strictObject({
        version: z.string(),
        digest: z.string(),
        at: z.string(),
        share: z.int().min(1).max(99),
      }),
    )
    .default({}),
  /** `id@version` of those that do not run at all. */
  disabled: z.array(z.string()),
});
export type ModelState = z.infer<typeof ModelState>;

const NOTHING: ModelState = { schema: 1, promoted: {}, canary: {}, disabled: [] };

/** Nothing is decided while there is no such file. Throws CONFIG_INVALID for one that is damaged: no decision is guessed. */
export async function readState(file: string): Promise<ModelState> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Fault('CONFIG_INVALID', `${file} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === undefined) return NOTHING;
  try {
    return ModelState.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${file} is damaged: ${asFault(cause).detail}`, { cause });
  }
}

/** Whole or not at all: a reader never sees half a file. */
export async function writeState(file: string, state: ModelState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, `${JSON.stringify(ModelState.parse(state), null, 1)}\n`);
  await rename(beside, file);
}
