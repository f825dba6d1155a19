import type { ReactNode } from 'react';
import type { Figures } from '../../../server/review/contract/figures.ts';
import type { Reason } from '../../../server/review/contract/reading.ts';
import { DriftBars } from '../charts/drift.tsx';
import { Groups } from '../charts/groups.tsx';
import { Intervals, intervalOf } from '../charts/intervals.tsx';
import { ScoreBins } from '../charts/scores.tsx';
import { Trends } from '../charts/trends.tsx';
import { WeekChart } from '../charts/weeks.tsx';
import { addressOf } from '../lib/route.ts';
import { count, duration, fixed, perCent, two, weekNumber } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

const { figures: WORDS } = STRINGS;

/** One sheet: five numbers, then the charts, each under a title that says what it shows. It prints on one page. */
export function FigureSheet({ figures }: { figures: Figures }) {
  const { titles, drift, scores, weeks, truth, agreement } = figures;
  const [first] = drift;
  return (
    <>
      <Summary figures={figures} />
      <div className="rev-g2">
        <Box title={titles.agreement ?? WORDS.fallback.agreement} says={WORDS.shareOf(count(agreement.n))}>
          <Intervals lines={[{ name: WORDS.agreed, of: agreement }]} />
          <Intervals
            lines={[
              ...figures.reasons.map(({ reason, share }) => ({ name: reasonWord(reason), of: share })),
              { name: WORDS.cannotTell, of: figures.cannotTell },
            ]}
          />
          <h3 className="sub">{truth.n > 0 ? WORDS.truthKnown(count(truth.n)) : WORDS.truthNone}</h3>
          {truth.n > 0 && (
            <Intervals
              lines={[
                { name: WORDS.sensitivity, of: truth.sensitivity },
                { name: WORDS.specificity, of: truth.specificity },
                { name: WORDS.ppv, of: truth.ppv },
                { name: WORDS.npv, of: truth.npv },
              ]}
            />
          )}
        </Box>
        <Box title={titles.weeks ?? WORDS.fallback.weeks} says={WORDS.weekly}>
          <WeekChart figures={figures} />
          <p className="rev-lg">
            <span>
              <svg width="10" height="10" aria-hidden="true" className="rev-fig">
                <circle className="pt" cx="5" cy="5" r="4" />
              </svg>
              {WORDS.inside}
            </span>
            <span>
              <svg width="14" height="14" aria-hidden="true" className="rev-fig">
                <path className="out" d="M7 0l7 7-7 7-7-7z" />
              </svg>
              {WORDS.outside}
            </span>
          </p>
          <Outside figures={figures} />
        </Box>
      </div>
      <Box title={titles.groups ?? WORDS.fallback.groups} says={WORDS.groups}>
        <Groups figures={figures} />
      </Box>
      <div className="rev-g2">
        <Box
          title={titles.drift ?? WORDS.fallback.drift}
          says={
            first &&
            WORDS.drift(count(first.n), WORDS.driftFrom[first.reference.from], count(first.reference.n))
          }
        >
          <DriftBars drift={drift} />
        </Box>
        <Box title={titles.scores ?? WORDS.fallback.scores}>
          <p className="rev-lg">
            <span>
              <svg width="16" height="10" aria-hidden="true" className="rev-fig">
                <rect className="bar" width="16" height="10" />
              </svg>
              {WORDS.scoresNow(count(scores.n))}
            </span>
            {scores.reference && (
              <span>
                <svg width="20" height="10" aria-hidden="true" className="rev-fig">
                  <path className="acc" d="M0 9h8V2h12" />
                </svg>
                {WORDS.scoresThen}
              </span>
            )}
            <Index drift={drift} />
          </p>
          <ScoreBins scores={scores} />
        </Box>
      </div>
      <Box title={titles.explanation ?? WORDS.fallback.explanation}>
        <div className="rev-g2 is-plain">
          <Trends weeks={weeks} />
        </div>
      </Box>
    </>
  );
}

function Summary({ figures }: { figures: Figures }) {
  const { agreement, reviewed, kappa, flagged, override, turnaround, toVerdict, explanation } = figures;
  const none = <small>{WORDS.none}</small>;
  const share = (of: Figures['agreement'], beside: string) =>
    of.share === undefined ? (
      none
    ) : (
      <>
        {perCent(of.share)} % <small>{beside}</small>
      </>
    );
  const time = (of: Figures['turnaround']) =>
    of ? (
      <>
        {duration(of.medianS)} <small>{WORDS.median(duration(of.p95S))}</small>
      </>
    ) : (
      none
    );
  const lines: readonly (readonly [string, ReactNode])[] = [
    [WORDS.agreement, share(agreement, `(${intervalOf(agreement)})`)],
    [
      WORDS.reviewed,
      <>
        {count(reviewed.k)}{' '}
        <small>
          {WORDS.ofAll(count(reviewed.n), reviewed.share === undefined ? '–' : perCent(reviewed.share))}
        </small>
      </>,
    ],
    [
      WORDS.kappa,
      kappa ? (
        <>
          κ {two(kappa.value)}{' '}
          <small>
            ({two(kappa.low)}–{two(kappa.high)}), n = {count(kappa.n)}
          </small>
        </>
      ) : (
        <small>{WORDS.kappaNone}</small>
      ),
    ],
    [WORDS.check, share(flagged, WORDS.ofCount(count(flagged.k), count(flagged.n)))],
    [WORDS.override, share(override, WORDS.ofCount(count(override.k), count(override.n)))],
    [WORDS.turnaround, time(turnaround)],
    [WORDS.toVerdict, time(toVerdict)],
    [
      WORDS.explanation,
      explanation ? (
        <>
          {fixed(explanation.mean, 1)} <small>{WORDS.explanationOf(count(explanation.n))}</small>
        </>
      ) : (
        none
      ),
    ],
  ];
  return (
    <dl className="rev-sum">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** From a week outside its limits to its cases. */
function Outside({ figures: { weeks, model } }: { figures: Figures }) {
  const outside = weeks.filter((week) => week.outside);
  if (outside.length === 0) return null;
  return (
    <div className="pel-note is-warn" role="note">
      <Icon name="warn" />
      <strong>{WORDS.outsideOpen}</strong>
      <p className="rev-lg">
        {outside.map(({ week, discordant }) => (
          <a
            key={week}
            href={addressOf({
              page: 'worklist',
              own: {
                order: 'newest',
                filter: {
                  model: [model],
                  state: ['judged'],
                  from: `${week}T00:00:00.000Z`,
                  to: weekAfter(week),
                },
              },
            })}
          >
            {WORDS.calendarWeek} {weekNumber(week)} (
            {WORDS.ofCount(String(discordant.k), String(discordant.n))})
          </a>
        ))}
      </p>
    </div>
  );
}

function Index({ drift }: { drift: Figures['drift'] }) {
  const score = drift.find(({ name }) => name === 'score');
  return score ? (
    <span>
      PSI {two(score.psi)} · {WORDS.ks(two(score.ks))}
    </span>
  ) : null;
}

const Box = ({
  title,
  says,
  children,
}: {
  title: string;
  says?: string | undefined;
  children: ReactNode;
}) => (
  <section className="rev-box">
    <h2>{title}</h2>
    {says && <p className="cap">{says}</p>}
    {children}
  </section>
);

const reasonWord = (reason: string): string => STRINGS.verdict.reasons[reason as Reason] ?? reason;

const weekAfter = (monday: string): string =>
  new Date(Date.parse(`${monday}T00:00:00Z`) + 604_800_000 - 1).toISOString();
