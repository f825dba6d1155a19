import { CHECK_CODES, CODES, GROUNDS } from '../dicom/code.ts';
import type { Writable } from '../dicom/write.ts';
import type { Explanation, StudyCheck } from '../explanation.ts';
import { codeValue, textValue } from './content.ts';

/** Checks that concern a finding: its own, and those of the images. */
const concerning = ({ checks }: Explanation, finding: number): readonly StudyCheck[] =>
  checks.filter((check) => check.finding === undefined || check.finding === finding);

/** The checks that mark a finding `check before use`, or with no finding said, any. */
export const failedChecks = (explanation: Explanation, finding?: number): readonly StudyCheck[] =>
  (finding === undefined ? explanation.checks : concerning(explanation, finding)).filter(
    ({ state }) => state === 'failed',
  );

/** Nobody looked whether the model has these grounds: what did pass is then not all. */
export const groundsNotChecked = (checks: readonly StudyCheck[]): readonly StudyCheck[] =>
  checks.filter(({ name, state }) => state === 'absent' && GROUNDS.has(name));

/**
 * Items of a finding's group: first whether it may be used as it is, then each check with its words. What the images passed is
 * said once, in the group of the first finding; what they failed, and grounds that could not be checked, in each.
 */
export function checkItems(explanation: Explanation, finding: number): readonly Writable[] {
  const checks = concerning(explanation, finding);
  const always = new Set([...checks.filter(({ state }) => state === 'failed'), ...groundsNotChecked(checks)]);
  const said = checks.filter((check) => always.has(check) || check.finding !== undefined || finding === 0);
  return [codeValue(CODES.use, useOf(checks)), ...said.flatMap(itemsOf)];
}

/** For the whole report, only where something failed. */
export const reportUse = (explanation: Explanation): readonly Writable[] =>
  failedChecks(explanation).length > 0 ? [codeValue(CODES.use, CODES.checkFirst)] : [];

function useOf(checks: readonly StudyCheck[]) {
  if (checks.some(({ state }) => state === 'failed')) return CODES.checkFirst;
  if (checks.every(({ state }) => state === 'absent')) return CODES.notChecked;
  if (groundsNotChecked(checks).length > 0) return CODES.notAllMade;
  return checks.some(({ state }) => state === 'remark') ? CODES.passedRemarked : CODES.checksPassed;
}

const STATES = {
  passed: CODES.passed,
  remark: CODES.remark,
  failed: CODES.failed,
  absent: CODES.notMade,
} as const;

const itemsOf = ({ name, state, sentence }: StudyCheck): readonly Writable[] => [
  codeValue(CHECK_CODES[name], STATES[state]),
  textValue(CHECK_CODES[name], sentence),
];
