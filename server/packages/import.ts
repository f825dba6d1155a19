import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { asFault, Fault } from '../shared/fault.ts';
import { fromMonai } from './import-monai.ts';
import { fromNnunet } from './import-nnunet.ts';
import { fromTorchXRayVision } from './import-torchxrayvision.ts';
import type { Answers } from './question.ts';

/** What the files of a framework answer of the questions of `model new`; and what of theirs has no counterpart, for a person to judge. */
export interface Imported {
  readonly answers: Answers;
  readonly notes: readonly string[];
}

/** By the framework's name: what is read of a folder, or a file, that it wrote. */
export const IMPORTERS: Readonly<Record<string, (path: string) => Promise<Imported>>> = {
  monai: async (path) =>
    fromMonai(await document(path, 'configs/metadata'), await document(path, 'configs/inference')),
  nnunet: async (path) => fromNnunet(await document(path, 'plans'), await document(path, 'dataset')),
  torchxrayvision: async (path) => fromTorchXRayVision(await content(path)),
};

/** Throws REQUEST_INVALID for a framework that is not known, and names the file and key that is not as the framework writes it. */
export async function importAnswers(framework: string, path: string): Promise<Imported> {
  const importer = IMPORTERS[framework];
  if (!importer)
    throw new Fault(
      'REQUEST_INVALID',
      `no framework ${framework}; there are ${Object.keys(IMPORTERS).join(', ')}`,
    );
  try {
    return await importer(path);
  } catch (error) {
    if (error instanceof z.ZodError)
      throw new Fault(
        'REQUEST_INVALID',
        `${path} is not as ${framework} writes it:\n${z.prettifyError(error)}`,
      );
    throw error;
  }
}

/** name.json, .yaml or .yml in a folder. */
async function document(folder: string, name: string): Promise<unknown> {
  for (const extension of ['json', 'yaml', 'yml']) {
    const path = join(folder, `${name}.${extension}`);
    if (await stat(path).catch(() => undefined)) return content(path);
  }
  throw new Fault('REQUEST_INVALID', `${folder} has no ${name}.json`);
}

async function content(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });
  try {
    return extname(path) === '.json' ? JSON.parse(text) : parse(text);
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', `${path} is damaged: ${asFault(cause).detail}`, { cause });
  }
}
