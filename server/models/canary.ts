import { sha256 } from '../shared/digest.ts';
import { type Installed, keyOf, type Mode } from './installed.ts';

/** A package with what becomes of its results of one study. */
export type InStudy = Installed & { readonly mode: Exclude<Mode, 'canary'> };

/**
 * While a new version answers a share of studies, the modes of one study: there it is clinical and the version that was promoted runs in shadow, in all
 * others the other way round. Which it is follows from the study's UID alone, so that all its series, and all that is made again of it, go one way.
 */
export function inStudy(models: readonly Installed[], StudyInstanceUID: string): readonly InStudy[] {
  return models.map((model): InStudy => {
    const { mode, identity } = model;
    const canary = models.find((m) => m.identity.id === identity.id && m.mode === 'canary');
    if (mode === 'disabled' || mode === 'shadow' || !canary)
      return { ...model, mode: mode as InStudy['mode'] };
    const share = canary.share ?? 0;
    const isIts = isInShare(keyOf(canary.identity), share, StudyInstanceUID);
    const answers = (mode === 'canary') === isIts;
    const { version } = canary.identity;
    const why = isIts
      ? `this study is among the ${share} in 100 that version ${version} answers`
      : `version ${version} answers ${share} in 100 studies, and not this one`;
    return { ...model, mode: answers ? 'clinical' : 'shadow', why };
  });
}

/** The same studies whenever it is asked, and with a larger share those of the smaller one and more. `share` of 100; `key` is `id@version`. */
export const isInShare = (key: string, share: number, StudyInstanceUID: string): boolean =>
  Number.parseInt(sha256(`${key}\n${StudyInstanceUID}`).slice(0, 8), 16) < (share / 100) * 2 ** 32;
