import { useMemo } from 'react';
import { type Changes, changesSince, type FailedCheck } from '../lib/changes.ts';
import { fixed } from '../lib/figures.ts';
import { measurement, moment, score } from '../lib/format.ts';
import type { Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Card } from './card.tsx';
import { apart } from './corrected.tsx';

interface Props {
  readonly newest: Result;
  /** The newest of them first. */
  readonly results: readonly Result[];
  readonly now: string;
}

/** Older results of the same model on the same series, folded; open, each says what is otherwise in the newest. */
export function Superseded({ newest, results, now }: Props) {
  if (results.length === 0) return null;
  return (
    <Card
      icon="history"
      title={STRINGS.superseded.title}
      keyWord={STRINGS.superseded.count(results.length)}
      sentence={STRINGS.superseded.text}
    >
      {results.map((older) => (
        <Older key={older.SOPInstanceUID} older={older} newest={newest} now={now} />
      ))}
    </Card>
  );
}

function Older({ older, newest, now }: { older: Result; newest: Result; now: string }) {
  const changes = useMemo(() => linesOf(changesSince(older, newest)), [older, newest]);
  const { createdAt, model, findings } = older;
  return (
    <div className="pel-older">
      {moment(createdAt, now)}, {model.name} {model.version}: {findings[0]?.sentence}
      {findings[0]?.score && ` ${score(findings[0].score.value)}`}
      <ul>
        {changes.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

/** Each kind of change in one line, what weighs most first. */
function linesOf(changes: Changes): readonly string[] {
  const words = STRINGS.superseded;
  const { version, isOtherScale } = changes;
  const model = [
    ...(version ? [isSaid(version) ? words.version(version.was, version.now) : words.unsure] : []),
    ...(isOtherScale ? [words.otherScale] : []),
  ];
  const lines = [
    ...(model.length > 0 ? [model.join(' ')] : []),
    ...line(words.foundNow, changes.foundNow),
    ...line(words.foundThen, changes.foundThen),
    ...changes.failedNow.map((each) => words.failedNow(checkOf(each))),
    ...changes.failedThen.map((each) => words.failedThen(checkOf(each))),
    ...line(
      words.scores,
      changes.scores.map(({ label, was, now }) => words.change(label, ...scores(was, now))),
    ),
    ...line(
      words.volumes,
      changes.volumes.map(({ label, was, now }) => words.change(label, ...volumes(was, now))),
    ),
    ...line(
      words.values,
      changes.values.map(({ label, name, was, now }) =>
        words.change(`${label}, ${name}`, measurement(was), measurement(now)),
      ),
    ),
    ...line(words.outlines, changes.outlines),
    ...line(words.askedNow, changes.askedNow),
    ...line(words.askedThen, changes.askedThen),
    ...line(words.details, changes.details),
  ];
  return lines.length > 0 ? lines : [words.same];
}

const isSaid = ({ was, now }: { was: string; now: string }): boolean =>
  was !== now && was !== '' && now !== '';

/** As many as are read at a glance. */
const NAMED = 3;

function line(words: (list: string) => string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length - NAMED;
  return [words([...names.slice(0, NAMED), ...(more > 0 ? [STRINGS.more(more)] : [])].join('; '))];
}

const checkOf = ({ check, labels }: FailedCheck): string =>
  labels.length === 0 ? check : line((list) => `${check} (${list})`, labels).join();

/** With so many decimals that the change can be seen. */
function scores(was: number, now: number): [was: string, now: string] {
  return score(was) === score(now) ? [fixed(was, 4), fixed(now, 4)] : [score(was), score(now)];
}

function volumes(was: number, now: number): [was: string, now: string] {
  const [shownNow, shownWas] = apart(now, was);
  return [`${shownWas} ${STRINGS.ml}`, `${shownNow} ${STRINGS.ml}`];
}
