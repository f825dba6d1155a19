import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ModelIdentity } from '../contracts.ts';
import { deriveUid } from '../dicom/uid.ts';
import { sha256 } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { ModelSpec } from './schema.ts';

export interface Model {
  readonly identity: ModelIdentity;
  readonly spec: ModelSpec;
  readonly onnxPath: string;
}

export interface Models {
  readonly ready: readonly Model[];
  /** Packages that do not run, each with its reason. */
  readonly refused: readonly { readonly folder: string; readonly fault: Fault }[];
}

/**
 * All packages (folders with a model.yaml) in the folders of `path`, separated by colons; an ONNX file may also lie
 * directly in one of them. A wrong package is refused with its reason and does not hinder the others.
 */
export async function loadModels(path: string): Promise<Models> {
  const roots = path.split(':').filter(Boolean);
  const folders = (await Promise.all(roots.map(packagesIn))).flat();
  const loaded = await Promise.all(
    folders.map((folder) =>
      loadModel(folder, roots).catch((error: unknown) => ({ folder, fault: asFault(error) })),
    ),
  );
  const ready = loaded.filter((m): m is Model => 'identity' in m);
  const twice = ready.find((m, i) => ready.findIndex((o) => o.identity.id === m.identity.id) !== i);
  if (twice) throw new Fault('MODEL_PACKAGE_INVALID', `two packages have the id ${twice.identity.id}`);
  return { ready, refused: loaded.filter((m): m is Models['refused'][number] => 'fault' in m) };
}

/** One package: strict model.yaml, ONNX file with the digest that it names. Throws MODEL_PACKAGE_INVALID. */
export async function loadModel(folder: string, searchPath: readonly string[]): Promise<Model> {
  const yaml = await readFile(join(folder, 'model.yaml'), 'utf8').catch((cause: unknown) => {
    throw new Fault('MODEL_PACKAGE_INVALID', `${folder} has no model.yaml that can be read`, { cause });
  });
  const spec = parseSpec(folder, yaml);
  const { path, digest } = await findOnnx(spec, [folder, ...searchPath]);
  if (digest !== spec.onnx.sha256) {
    throw new Fault(
      'MODEL_PACKAGE_INVALID',
      `${spec.id}: ${spec.onnx.file} has the SHA-256 ${digest}, model.yaml names ${spec.onnx.sha256}`,
    );
  }
  const packageDigest = sha256(`${sha256(yaml)}${digest}`);
  return {
    spec,
    onnxPath: path,
    identity: {
      id: spec.id,
      name: spec.name,
      version: spec.version,
      manufacturer: spec.manufacturer,
      digest: packageDigest,
      DeviceUID: deriveUid('device', spec.id, packageDigest),
      intendedUse: spec.intendedUse,
      limits: spec.limits,
    },
  };
}

async function packagesIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((e) => e.isDirectory()).map((e) => join(root, e.name));
  const hasYaml = await Promise.all(
    folders.map((f) => readdir(f).then((names) => names.includes('model.yaml'))),
  );
  return folders.filter((_, i) => hasYaml[i]).sort();
}

function parseSpec(folder: string, yaml: string): ModelSpec {
  let document: unknown;
  try {
    document = parse(yaml);
  } catch (cause) {
    throw new Fault(
      'MODEL_PACKAGE_INVALID',
      `${folder}/model.yaml is not YAML: ${(cause as Error).message}`,
      { cause },
    );
  }
  const parsed = ModelSpec.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new Fault('MODEL_PACKAGE_INVALID', `${folder}/model.yaml:\n${z.prettifyError(parsed.error)}`);
}

async function findOnnx(
  spec: ModelSpec,
  folders: readonly string[],
): Promise<{ path: string; digest: string }> {
  for (const folder of folders) {
    const path = join(folder, spec.onnx.file);
    const facts = await stat(path).catch(() => undefined);
    if (!facts?.isFile()) continue;
    if (facts.size > LARGEST)
      throw new Fault(
        'MODEL_PACKAGE_INVALID',
        `${spec.id}: ${spec.onnx.file} is over 2 GiB, more than an ONNX file can hold`,
      );
    return { path, digest: await digestOf(path) };
  }
  throw new Fault(
    'MODEL_PACKAGE_INVALID',
    `${spec.id}: ${spec.onnx.file} is neither beside model.yaml nor in a folder of MODEL_PATH`,
  );
}

/** A protobuf message ends here. */
const LARGEST = 2 ** 31 - 1;

/** SHA-256 of a file, piece by piece. Throws MODEL_PACKAGE_INVALID for one that cannot be read. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch (cause) {
    throw new Fault('MODEL_PACKAGE_INVALID', `${path} cannot be read: ${asFault(cause).detail}`, { cause });
  }
  return hash.digest('hex');
}
