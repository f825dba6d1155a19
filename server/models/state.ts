import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { asFault, Fault } from '../shared/fault.ts';

/** What the operator decided of the models: `pellucid model` writes it, the server reads it at each series that arrives. */
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

export const NOTHING: ModelState = { schema: 1, promoted: {}, canary: {}, disabled: [] };

/** Where the decisions are kept: one place for all processes that work through one queue. */
export interface Decisions {
  /** Throws CONFIG_INVALID for what is damaged: no decision is guessed. */
  read(): Promise<ModelState>;
  /** Whole or not at all; whoever reads meanwhile has those from before. */
  change(decide: (state: ModelState) => ModelState): Promise<void>;
}

/** By file: the last change that was asked for here. Each reads what the one before it wrote. */
const changes = new Map<string, Promise<void>>();

/** In a small file: for the one process that has an embedded database. Nothing is decided while there is no such file. */
export const decisionsIn = (file: string): Decisions => ({
  read: () => readState(file),
  change: (decide) => {
    const before = changes.get(file) ?? Promise.resolve();
    const change = before
      .catch(() => undefined)
      .then(async () => writeState(file, decide(await readState(file))));
    changes.set(file, change);
    return change;
  },
});

async function readState(file: string): Promise<ModelState> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Fault('CONFIG_INVALID', `${file} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === undefined) return NOTHING;
  return stateFrom(() => JSON.parse(text), file);
}

/** Throws CONFIG_INVALID with the place where it lay. */
export function stateFrom(raw: () => unknown, place: string): ModelState {
  try {
    return ModelState.parse(raw());
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${place} is damaged: ${asFault(cause).detail}`, { cause });
  }
}

async function writeState(file: string, state: ModelState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${randomUUID()}`;
  await writeFile(beside, `${JSON.stringify(ModelState.parse(state), null, 1)}\n`);
  await rename(beside, file);
}
