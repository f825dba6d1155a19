import { loadModels, type Model, type Models } from './load.ts';
import type { Decisions, ModelState } from './state.ts';

/** What becomes of a model's results: written into the archive, of a share of studies or of all; kept in the record alone; or none. */
export type Mode = 'clinical' | 'canary' | 'shadow' | 'disabled';

export interface Installed extends Model {
  readonly mode: Mode;
  /** Why it is in this mode, in one sentence. */
  readonly why: string;
  /** Of 100 studies, those that a canary answers. */
  readonly share?: number;
}

export interface Installation {
  readonly models: readonly Installed[];
  readonly refused: Models['refused'];
}

export interface Places {
  /** Folders of packages and ONNX files, separated by colons. */
  readonly path: string;
  /** The operator's decisions. */
  readonly decisions: Decisions;
}

/** How the operator names one version of a model. */
export const keyOf = ({ id, version }: { readonly id: string; readonly version: string }): string =>
  `${id}@${version}`;

/** All packages as they are now, each with its mode. Cheap enough for each series that arrives. */
export async function installed({ path, decisions }: Places): Promise<Installation> {
  const [{ ready, refused }, state] = await Promise.all([loadModels(path), decisions.read()]);
  return { refused, models: ready.map((model) => ({ ...model, ...modeOf(model, ready, state) })) };
}

/**
 * Clinical is the version that was promoted, or the only one of a model of which nothing was decided; and in any case only with an
 * acceptance that holds.
 */
export function modeOf(
  { identity: { id, version, digest }, notAccepted }: Model,
  all: readonly Model[],
  { promoted, canary, disabled }: ModelState,
): Pick<Installed, 'mode' | 'why' | 'share'> {
  if (disabled.includes(keyOf({ id, version }))) return { mode: 'disabled', why: 'the operator disabled it' };
  if (notAccepted) return { mode: 'shadow', why: notAccepted };
  const { [id]: chosen } = promoted;
  const { [id]: tried } = canary;
  if (tried?.version === version)
    return tried.digest === digest
      ? {
          mode: 'canary',
          share: tried.share,
          why: `it answers ${tried.share} in 100 studies since ${tried.at.slice(0, 10)}`,
        }
      : { mode: 'shadow', why: 'its files changed after it was given a share of studies: promote it again' };
  if (chosen === undefined) {
    const alone = all.filter((m) => m.identity.id === id).length === 1;
    return alone
      ? { mode: 'clinical', why: 'it is accepted, and the only version' }
      : { mode: 'shadow', why: 'there are several versions, and none was promoted' };
  }
  if (chosen === null) return { mode: 'shadow', why: 'it was not promoted yet' };
  if (chosen.version !== version) return { mode: 'shadow', why: `version ${chosen.version} was promoted` };
  return chosen.digest === digest
    ? { mode: 'clinical', why: `it was promoted on ${chosen.at.slice(0, 10)}` }
    : { mode: 'shadow', why: 'its files changed after it was promoted: promote it again' };
}
