import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ACCEPTANCE, filesOf } from '../models/files.ts';
import { type Installed, installed, keyOf, type Places } from '../models/installed.ts';
import { loadModel, type Model } from '../models/load.ts';
import { Fault } from '../shared/fault.ts';

/** What an operator does with packages while the server runs. Each answers the packages concerned as they are afterwards. */

/** Where packages are, and the folder that new ones go to. */
export interface Store extends Places {
  readonly store: string;
}

/**
 * Copies a package, with its ONNX file wherever that lies. It runs in shadow until it is promoted; the version that was clinical
 * stays so. Of files that are installed already only their acceptance is brought. Throws MODEL_PACKAGE_INVALID, MODEL_NOT_ACCEPTED,
 * REQUEST_INVALID for other files under a version that is installed.
 */
export async function addPackage(folder: string, places: Store): Promise<readonly Installed[]> {
  const given = await loadModel(folder, places.path.split(':').filter(Boolean));
  const { identity, onnxPath, spec } = given;
  const key = keyOf(identity);
  const { models } = await installed(places);
  const there = models.find((m) => keyOf(m.identity) === key);
  if (there) {
    await bringAcceptance(given, there);
    return chosen(places, key);
  }
  const files = new Map(await filesOf(folder, onnxPath)).set(ACCEPTANCE, join(folder, ACCEPTANCE));
  const beside = join(dirname(places.store), `adding-${process.pid}`);
  for (const [name, path] of files) {
    if (!(await stat(path).catch(() => undefined))) continue;
    await mkdir(dirname(join(beside, name)), { recursive: true });
    await cp(path, join(beside, name), { dereference: true });
  }
  // Decided before it is seen, and seen when it is whole.
  await places.decisions.change(({ promoted, ...state }) => {
    const clinical = models.find((m) => m.identity.id === spec.id && m.mode === 'clinical');
    return { ...state, promoted: { [spec.id]: clinical ? promotionOf(clinical) : null, ...promoted } };
  });
  await mkdir(places.store, { recursive: true });
  await rm(join(places.store, key), { recursive: true, force: true });
  await rename(beside, join(places.store, key));
  return chosen(places, key);
}

/** A package that was checked after it was added. */
async function bringAcceptance({ identity, folder, notAccepted }: Model, there: Installed): Promise<void> {
  const key = keyOf(identity);
  if (there.identity.digest !== identity.digest)
    throw new Fault(
      'REQUEST_INVALID',
      `${key} is installed already with other files; a changed package needs another version`,
    );
  if (notAccepted)
    throw new Fault('MODEL_NOT_ACCEPTED', `${key} is installed already, and of ${folder}: ${notAccepted}`);
  if (resolve(folder) === resolve(there.folder)) return;
  await cp(join(folder, ACCEPTANCE), join(there.folder, ACCEPTANCE), { dereference: true });
}

/**
 * Makes a version the clinical one, also an older one again, which ends every share. With a share, in percent, it answers those studies and the version that
 * was promoted all others. Throws NOT_FOUND, MODEL_NOT_ACCEPTED, REQUEST_INVALID when disabled, or when nobody would answer the others.
 */
export async function promote(key: string, places: Places, share?: number): Promise<readonly Installed[]> {
  const [model] = await chosen(places, key);
  if (!model || key !== keyOf(model.identity))
    throw new Fault(
      'REQUEST_INVALID',
      `say the version too: ${model ? keyOf(model.identity) : `${key}@1.0.0`}`,
    );
  if (model.notAccepted)
    throw new Fault('MODEL_NOT_ACCEPTED', `${key}: ${model.notAccepted} (the package is in ${model.folder})`);
  if (model.mode === 'disabled') throw new Fault('REQUEST_INVALID', `${key} is disabled: enable it first`);
  const { id } = model.identity;
  if (share !== undefined) await giveShare(model, share, places);
  else
    await places.decisions.change(({ promoted, canary: { [id]: _, ...canary }, ...state }) => ({
      ...state,
      canary,
      promoted: { ...promoted, [id]: promotionOf(model) },
    }));
  return chosen(places, id);
}

async function giveShare(model: Installed, share: number, places: Places): Promise<void> {
  const { id } = model.identity;
  if (!Number.isInteger(share) || share < 1 || share > 99)
    throw new Fault('REQUEST_INVALID', 'a share is a whole number from 1 to 99, of 100 studies');
  const clinical = (await chosen(places, id)).find(({ mode }) => mode === 'clinical');
  if (!clinical || keyOf(clinical.identity) === keyOf(model.identity))
    throw new Fault(
      'REQUEST_INVALID',
      `${keyOf(model.identity)} cannot have a share: there is no other clinical version for the other studies`,
    );
  // The other version is the one that was promoted also where nobody had to say so.
  await places.decisions.change(({ promoted, canary, ...state }) => ({
    ...state,
    promoted: { ...promoted, [id]: promotionOf(clinical) },
    canary: { ...canary, [id]: { ...promotionOf(model), share } },
  }));
}

/** `id@version`, or `id` for all its versions: they no longer run. What is queued waits until `enable`. Throws NOT_FOUND. */
export async function disable(key: string, places: Places): Promise<readonly Installed[]> {
  const keys = (await chosen(places, key)).map((m) => keyOf(m.identity));
  await places.decisions.change((state) => ({
    ...state,
    disabled: [...new Set([...state.disabled, ...keys])],
  }));
  return chosen(places, key);
}

/** Takes `disable` back; the mode is what it was. Throws NOT_FOUND. */
export async function enable(key: string, places: Places): Promise<readonly Installed[]> {
  const keys = (await chosen(places, key)).map((m) => keyOf(m.identity));
  await places.decisions.change((state) => ({
    ...state,
    disabled: state.disabled.filter((k) => !keys.includes(k)),
  }));
  return chosen(places, key);
}

const promotionOf = ({ identity: { version, digest } }: Installed) => ({
  version,
  digest,
  at: new Date().toISOString(),
});

async function chosen(places: Places, key: string): Promise<readonly Installed[]> {
  const { models } = await installed(places);
  const found = models.filter(({ identity }) => identity.id === key || keyOf(identity) === key);
  if (found.length > 0) return found;
  const there = models.map((m) => keyOf(m.identity)).join(', ');
  throw new Fault('NOT_FOUND', `no model ${key} is installed; there are ${there || 'none'}`);
}
