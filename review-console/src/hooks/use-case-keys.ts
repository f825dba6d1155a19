import { useEffect, useState } from 'react';
import type { Case } from '../../../server/review/contract/case.ts';
import type { FindingVerdict } from '../../../server/review/contract/reading.ts';
import { REASONS } from '../components/verdict-form.tsx';
import { viewerAt } from '../lib/api.ts';
import { focusQuestion, questionOf } from '../lib/focus.ts';
import { agreeWithRest, type Form, ofFinding, withFinding, withReason } from '../lib/verdict.ts';
import { nextWindow } from '../lib/window.ts';
import { type Keys, useKeys } from './use-keys.ts';
import { type Looking, TOPS } from './use-looking.ts';

interface Acting {
  readonly shown: Case;
  readonly looking: Looking;
  readonly isOpen: boolean;
  readonly form: Form;
  readonly change: (make: (form: Form) => Form) => void;
  readonly onSign: () => void;
  readonly onSkip: () => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onLeave: () => void;
}

const ZOOMS = [1, 2, 4] as const;
/** Of a window, in shares of its width. */
const STEP = 0.1;

/** The keys of a case. Answers what is held and enlarged. */
export function useCaseKeys(acting: Acting) {
  const { shown, looking, isOpen, change, onSign, onSkip, onMove, onLeave } = acting;
  const { finding, picture, looks, show, windowing } = looking;
  const [isBare, setBare] = useState(false);
  const [zoom, setZoom] = useState<number>(1);
  const kinds = shown.allFindings[finding]?.overlays ?? [];
  const judge = (verdict: FindingVerdict['verdict']) => {
    if (!isOpen) return;
    change((old) => withFinding(old, finding, { verdict }));
    // The next question is where the fingers are.
    setTimeout(
      () => focusQuestion(verdict === 'disagree' ? 'reasons' : 'rating') || focusQuestion('verdict'),
    );
  };
  const steps = (by: number) => {
    const at = TOPS.findIndex((top) => top >= looks.top);
    show({ top: TOPS[Math.min(TOPS.length - 1, Math.max(0, at + by))] ?? looks.top });
  };
  const opacity = (by: number) =>
    show({ opacity: Math.min(1, Math.max(0, Math.round((looks.opacity + by) * 10) / 10)) });
  const keys: Keys = {
    a: () => judge('agree'),
    d: () => judge('disagree'),
    c: () => judge('cannot-tell'),
    'shift+a': () => isOpen && change((old) => agreeWithRest(old, shown.allFindings.length)),
    j: () => looking.goToFinding(finding + 1),
    k: () => looking.goToFinding(finding - 1),
    e: () => show({ isMap: !looks.isMap }),
    g: () => show({ isRegions: !looks.isRegions }),
    m: () => show({ isCorrected: !looks.isCorrected }),
    u: () => show({ isUncertainty: !looks.isUncertainty }),
    f: () => kinds.includes('map') && show({ isAgainst: !looks.isAgainst }),
    h: () => setBare(true),
    w: () => windowing.set(shown.context.modality === 'CT' ? nextWindow(windowing.window) : undefined),
    v: () => windowing.move({ darker: STEP }),
    b: () => windowing.move({ darker: -STEP }),
    t: () => windowing.move({ wider: -STEP }),
    y: () => windowing.move({ wider: STEP }),
    '[': () => steps(-1),
    ']': () => steps(1),
    '-': () => opacity(-0.1),
    '+': () => opacity(0.1),
    '=': () => opacity(0.1),
    ',': () => looking.goToPicture(picture - 1),
    '.': () => looking.goToPicture(picture + 1),
    z: () => setZoom((old) => ZOOMS[(ZOOMS.indexOf(old as 1) + 1) % ZOOMS.length] ?? 1),
    o: () => window.open(viewerAt(shown.viewer, shown.pictures[picture]), '_blank', 'noopener'),
    x: onSkip,
    n: () => onMove(1),
    p: () => onMove(-1),
    Escape: onLeave,
    'ctrl+enter': onSign,
    ...Object.fromEntries(REASONS.map((_, i) => [String((i + 1) % 10), () => digit((i + 1) % 10)])),
  };
  const digit = (number: number) => {
    if (!isOpen) return;
    const question = questionOf(document.activeElement);
    const isReason =
      question === 'reasons' ||
      (question !== 'rating' && ofFinding(acting.form, finding).verdict === 'disagree');
    const reason = REASONS[(number + 9) % 10];
    if (isReason && reason) change((old) => withReason(old, finding, reason));
    else if (number >= 1 && number <= 5 && kinds.length > 0) {
      change((old) => withFinding(old, finding, { explanation: number }));
      setTimeout(() => focusQuestion('rating'));
    }
  };
  useKeys(keys);
  useEffect(() => {
    const onUp = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'h') setBare(false);
    };
    const onBlur = () => setBare(false);
    window.addEventListener('keyup', onUp);
    window.addEventListener('blur', onBlur);
    return () => {
      window.removeEventListener('keyup', onUp);
      window.removeEventListener('blur', onBlur);
    };
  }, []);
  return { isBare, zoom };
}
