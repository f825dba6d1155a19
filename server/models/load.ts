import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ModelAnswers, ModelIdentity } from '../contracts.ts';
import { deriveUid } from '../dicom/uid.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { type Acceptance, acceptanceIn, acceptanceWords, voidReason } from './acceptance.ts';
import { digestOf, fileDigest, filesOf } from './files.ts';
import { readReference } from './read-reference.ts';
import type { Reference } from './reference.ts';
import { ModelSpec } from './schema.ts';
import { unchanged } from './unchanged.ts';

export interface Model {
  readonly identity: ModelIdentity;
  readonly spec: ModelSpec;
  readonly folder: string;
  readonly onnxPath: string;
  /** What the package keeps of images that the model knows. */
  readonly reference?: Reference;
  /** What `model check` measured, of these files or of others; absent when it never did. */
  readonly acceptance?: Acceptance;
  /** Why the package may not write into the archive; absent when its acceptance holds. */
  readonly notAccepted?: string;
}

export interface Models {
  readonly ready: readonly Model[];
  /** Packages that do not run, each with its reason. */
  readonly refused: readonly { readonly folder: string; readonly fault: Fault }[];
}

/**
 * All packages (folders with a model.yaml) in the folders of `path`, separated by colons; an ONNX file may also lie
 * directly in one of them. A wrong package is refused with its reason and does not hinder the others; so is the later of
 * two with the same id and version.
 */
export async function loadModels(path: string): Promise<Models> {
  const roots = path.split(':').filter(Boolean);
  const folders = (await Promise.all(roots.map(packagesIn))).flat();
  const loadKept = keptFor(roots);
  const loaded = await Promise.all(
    folders.map((folder) => loadKept(folder).catch((error: unknown) => ({ folder, fault: asFault(error) }))),
  );
  const ready: Model[] = [];
  const refused: Models['refused'][number][] = [];
  for (const one of loaded) {
    if ('fault' in one) {
      refused.push(one);
      continue;
    }
    const { id, version } = one.identity;
    const first = ready.find((m) => m.identity.id === id && m.identity.version === version);
    if (!first) ready.push(one);
    else {
      const detail = `${id} ${version} is already in ${first.folder}; another needs another version`;
      refused.push({ folder: one.folder, fault: new Fault('MODEL_PACKAGE_INVALID', detail) });
    }
  }
  return { ready, refused };
}

/** One package: strict model.yaml, ONNX file with the digest that it names. Throws MODEL_PACKAGE_INVALID. */
export const loadModel = async (folder: string, searchPath: readonly string[]): Promise<Model> =>
  (await readPackage(folder, searchPath)).model;

const kept = new Map<string, (folder: string) => Promise<Model>>();

/** Packages of these folders as they were read last, as long as their files are the same. */
function keptFor(roots: readonly string[]): (folder: string) => Promise<Model> {
  const key = roots.join(':');
  const load =
    kept.get(key) ??
    unchanged(async (folder) => {
      const { model, files } = await readPackage(folder, roots);
      // An ONNX file that comes to lie in an earlier folder would be taken instead.
      const places = roots.map((root) => join(root, model.spec.onnx.file));
      return { made: model, outside: [...new Set([...places, ...files.values()])] };
    });
  kept.set(key, load);
  return load;
}

async function readPackage(
  folder: string,
  searchPath: readonly string[],
): Promise<{ readonly model: Model; readonly files: ReadonlyMap<string, string> }> {
  const yaml = await readFile(join(folder, 'model.yaml'), 'utf8').catch((cause: unknown) => {
    throw new Fault('MODEL_PACKAGE_INVALID', `${folder} has no model.yaml that can be read`, { cause });
  });
  const spec = parseSpec(folder, yaml);
  const path = await findOnnx(spec, [folder, ...searchPath]);
  const onnxDigest = await fileDigest(path);
  if (onnxDigest !== spec.onnx.sha256) {
    throw new Fault(
      'MODEL_PACKAGE_INVALID',
      `${spec.id}: ${spec.onnx.file} has the SHA-256 ${onnxDigest}, model.yaml names ${spec.onnx.sha256}`,
    );
  }
  await checkAnatomy(spec, folder);
  const files = await filesOf(folder, path);
  const digest = await digestOf(files);
  const acceptance = await acceptanceIn(folder);
  const notAccepted = voidReason(acceptance, digest, spec);
  const reference = await readReference(folder, onnxDigest);
  const accepted = acceptance === 'damaged' ? undefined : acceptance;
  const model = {
    spec,
    folder,
    onnxPath: path,
    ...(reference ? { reference } : {}),
    ...(accepted ? { acceptance: accepted } : {}),
    ...(notAccepted ? { notAccepted } : {}),
    identity: {
      id: spec.id,
      name: spec.name,
      version: spec.version,
      manufacturer: spec.manufacturer,
      digest,
      DeviceUID: deriveUid('device', spec.id, digest),
      intendedUse: spec.intendedUse,
      limits: spec.limits,
      answers: answersOf(spec),
      acceptance: acceptanceWords(accepted, notAccepted),
    },
  };
  return { model, files };
}

const answersOf = ({ interpretability }: ModelSpec): ModelAnswers => {
  const { elements: _, ...answers } = interpretability;
  return answers;
};

/** The second network of a package is in its folder, and the one that model.yaml names. */
async function checkAnatomy(spec: ModelSpec, folder: string): Promise<void> {
  if (spec.kind === 'segmentation' || !spec.explanation.anatomy) return;
  const { file, sha256 } = spec.explanation.anatomy.onnx;
  const digest = await fileDigest(join(folder, file));
  if (digest !== sha256)
    throw new Fault(
      'MODEL_PACKAGE_INVALID',
      `${spec.id}: ${file} has the SHA-256 ${digest}, explanation.anatomy names ${sha256}`,
    );
}

/** Folders with a model.yaml, and links to such; a link that leads nowhere is there too, to be refused by its name. */
async function packagesIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(root, entry.name);
      if (!entry.isDirectory() && !entry.isSymbolicLink()) return [];
      const facts = await stat(path).catch(() => undefined);
      if (facts && !facts.isDirectory()) return [];
      const names = await readdir(path).catch(() => undefined);
      return names === undefined || names.includes('model.yaml') ? [path] : [];
    }),
  );
  return found.flat().sort();
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

async function findOnnx(spec: ModelSpec, folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const path = join(folder, spec.onnx.file);
    const facts = await stat(path).catch(() => undefined);
    if (!facts?.isFile()) continue;
    if (facts.size > LARGEST)
      throw new Fault(
        'MODEL_PACKAGE_INVALID',
        `${spec.id}: ${spec.onnx.file} is over 2 GiB, more than an ONNX file can hold`,
      );
    return path;
  }
  throw new Fault(
    'MODEL_PACKAGE_INVALID',
    `${spec.id}: ${spec.onnx.file} is neither beside model.yaml nor in a folder of MODEL_PATH`,
  );
}

/** A protobuf message ends here. */
const LARGEST = 2 ** 31 - 1;
