import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { TensorProto_DataLocation as Location, ModelProtoSchema } from 'onnx-buf';
import { sha256, sha256OfFile } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { isFile } from '../shared/on-disk.ts';

/** Written from what the others say, so it is no part of what it vouches for. */
export const ACCEPTANCE = 'acceptance.json';

/**
 * Every file that a package is made of, by its path within it: all of its folder but acceptance.json, and, where the ONNX file
 * lies elsewhere, that file and those that hold its weights. Throws MODEL_PACKAGE_INVALID for what cannot be read.
 */
export async function filesOf(folder: string, onnxPath: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (await isFile(path)) files.set(relative(folder, path), path);
  }
  files.delete(ACCEPTANCE);
  if ([...files.values()].includes(onnxPath)) return files;
  const beside = await weightFiles(onnxPath);
  for (const name of [basename(onnxPath), ...beside]) files.set(name, join(dirname(onnxPath), name));
  return files;
}

/** SHA-256 over the names and contents of these files: a changed, added or missing file gives another. */
export async function digestOf(files: ReadonlyMap<string, string>): Promise<string> {
  const lines: string[] = [];
  for (const [name, path] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    lines.push(`${await fileDigest(path)} ${name}`);
  return sha256(lines.join('\n'));
}

/** Digests of large files, kept as long as a file has the same time and size: packages are looked at for every series. */
const known = new Map<string, { readonly stamp: string; readonly digest: string }>();
const LARGE = 2 ** 22;

/** SHA-256 of a file. Throws MODEL_PACKAGE_INVALID for one that cannot be read. */
export async function fileDigest(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    const stamp = `${mtimeNs} ${size} ${ino}`;
    const before = known.get(path);
    if (before?.stamp === stamp) return before.digest;
    const digest = await sha256OfFile(path);
    if (size > LARGE) known.set(path, { stamp, digest });
    return digest;
  } catch (cause) {
    throw new Fault('MODEL_PACKAGE_INVALID', `${path} cannot be read: ${asFault(cause).detail}`, { cause });
  }
}

/** Names of the files beside an ONNX file that hold its weights; they lie in its folder or below it. */
async function weightFiles(onnxPath: string): Promise<readonly string[]> {
  const { graph } = await readOnnx(onnxPath);
  const outside = graph?.initializer.filter((t) => t.dataLocation === Location.EXTERNAL) ?? [];
  const names = outside.map((t) => t.externalData.find(({ key }) => key === 'location')?.value ?? '');
  const astray = names.find((name) => isAbsolute(name) || normalize(name).startsWith('..') || name === '');
  if (astray !== undefined)
    throw new Fault('MODEL_PACKAGE_INVALID', `${onnxPath} keeps weights in "${astray}", outside its folder`);
  return [...new Set(names.map(normalize))];
}

async function readOnnx(path: string) {
  try {
    return fromBinary(ModelProtoSchema, await readFile(path));
  } catch (cause) {
    throw new Fault('MODEL_PACKAGE_INVALID', `${path} is no ONNX model: ${asFault(cause).detail}`, { cause });
  }
}
