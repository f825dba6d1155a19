import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../shared/digest.ts';
import { COMPILER_VERSION, type CompiledGradient, compileGradient, type GradientRequest } from './compile.ts';
import { join as joinBytes, type Runtime } from './runtime.ts';

export interface CacheOptions {
  readonly runtime: Runtime;
  /** May be deleted at any time. */
  readonly folder: string;
  /** Of the model's bytes, where the caller knows it already. */
  readonly digest?: string;
}

/**
 * `compileGradient`, kept on disk by model digest, compiler version, request and input dims. Only what was appended is stored;
 * a file that is damaged or of another version is compiled anew.
 */
export async function cachedGradient(
  model: Uint8Array,
  request: GradientRequest,
  { runtime, folder, digest = sha256(model) }: CacheOptions,
): Promise<CompiledGradient> {
  const path = join(folder, `${keyOf(digest, request)}.gradient`);
  const stored = await readFile(path).catch(() => undefined);
  const known = stored && unpack(stored, model);
  if (known) return known;
  const compiled = await compileGradient(model, request, runtime);
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, pack(compiled, model));
  await rename(draft, path);
  return compiled;
}

const keyOf = (digest: string, { of, wrt, inputDims }: GradientRequest): string => {
  const dims = Object.entries(inputDims).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([digest, COMPILER_VERSION, of, wrt, dims]));
};

const Header = z.strictObject({
  /** The body follows the model's own bytes; otherwise it is a whole model. */
  appended: z.boolean(),
  /** SHA-256 of the body. */
  body: z.string(),
  compiled: z.strictObject({
    seed: z.strictObject({
      name: z.string(),
      dims: z.array(z.number()),
      type: z.enum(['float32', 'float64']),
    }),
    gradients: z.record(z.string(), z.string()),
    dims: z.record(z.string(), z.array(z.number())),
    surrogate: z.string().nullable(),
  }),
});

/** One line of JSON, then the body. */
function pack({ parts, seed, gradients, dims, surrogate }: CompiledGradient, model: Uint8Array): Uint8Array {
  const appended = Buffer.compare(parts[0], model) === 0;
  const body = appended ? parts[1] : joinBytes(parts);
  const compiled = { seed, gradients, dims, surrogate };
  const header = JSON.stringify({ appended, body: sha256(body), compiled });
  return Buffer.concat([Buffer.from(`${header}\n`), body]);
}

function unpack(stored: Buffer, model: Uint8Array): CompiledGradient | undefined {
  const end = stored.indexOf('\n');
  const header = Header.safeParse(parseJson(stored.toString('utf8', 0, Math.max(0, end))));
  const body = stored.subarray(end + 1);
  if (!header.success || header.data.body !== sha256(body)) return undefined;
  const { appended, compiled } = header.data;
  const parts = appended ? ([model, body] as const) : ([body, new Uint8Array()] as const);
  return {
    ...compiled,
    parts,
    get bytes() {
      return joinBytes(parts);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
