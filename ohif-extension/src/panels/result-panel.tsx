import { useCallback, useMemo, useRef, useState } from 'react';
import { Assess } from '../components/assess.tsx';
import { CheckFirst, Checks, failedOf } from '../components/checks.tsx';
import { Corrected } from '../components/corrected.tsx';
import { ElementCard } from '../components/element-card.tsx';
import { FindingList } from '../components/finding-list.tsx';
import { FindingSummary } from '../components/finding-summary.tsx';
import { Head } from '../components/head.tsx';
import { Measurements } from '../components/measurements.tsx';
import { ModelFacts } from '../components/model-facts.tsx';
import { NearestCases } from '../components/nearest-cases.tsx';
import { Notice } from '../components/notice.tsx';
import { Priors } from '../components/priors.tsx';
import { Superseded } from '../components/superseded.tsx';
import { Trust } from '../components/trust.tsx';
import { WrittenWith } from '../components/written-with.tsx';
import { useAssessing } from '../hooks/use-assessing.ts';
import { useCorrection } from '../hooks/use-correction.ts';
import { useFirstLook } from '../hooks/use-first-look.ts';
import { useHiding } from '../hooks/use-hiding.ts';
import { useKeyImages } from '../hooks/use-key-images.ts';
import { useMaskColours } from '../hooks/use-mask-colours.ts';
import { useOtherPatient } from '../hooks/use-other-patient.ts';
import { useOverlaySettings } from '../hooks/use-overlay-settings.ts';
import { usePanelKeys } from '../hooks/use-panel-keys.ts';
import { usePlaceMissing } from '../hooks/use-place-missing.ts';
import type { Priors as PriorsLoad } from '../hooks/use-priors.ts';
import { useSeriesInHost } from '../hooks/use-series-in-host.ts';
import type { Host } from '../host.ts';
import type { Archive } from '../lib/archive.ts';
import { type Chosen, choice, indexOf } from '../lib/chosen.ts';
import { asCorrected, changesOf, correctionAmong } from '../lib/corrected.ts';
import { firstMark, masksOf } from '../lib/first-mark.ts';
import { jumpTo, jumpToAll } from '../lib/jump.ts';
import { keyNumber } from '../lib/key-number.ts';
import { nearestOf } from '../lib/nearest.ts';
import { inOrder } from '../lib/order.ts';
import { priorsOf } from '../lib/priors.ts';
import type { Region } from '../lib/result.ts';
import type { ResultSet } from '../lib/result-sets.ts';
import type { Unreported } from '../lib/unreported.ts';
import { STRINGS } from '../strings.ts';
import { Overlay } from './overlay.tsx';

interface Props {
  readonly host: Host;
  readonly archive: Archive;
  readonly set: ResultSet;
  /** What the same analysis gave and its report does not refer to. */
  readonly writtenWith: readonly Unreported[];
  readonly now: string;
  readonly again: () => void;
  readonly priors: PriorsLoad;
  readonly askPriors: () => void;
}

const NO_REGIONS: readonly Region[] = [];

/** One result: the finding, what lies over the image, the five elements, trust, the model. The order never changes. */
export function ResultPanel({
  host,
  archive,
  set: { newest, superseded, assessments },
  writtenWith,
  now,
  again,
  priors,
  askPriors,
}: Props) {
  const correctedBy = correctionAmong(assessments);
  const result = useMemo(() => asCorrected(newest, correctedBy), [newest, correctedBy]);
  const { findings, model } = result;
  const root = useRef<HTMLElement>(null);
  const order = useMemo(() => inOrder(findings), [findings]);
  const [chosen, setChosen] = useState<Chosen>();
  const selected = indexOf(chosen, result, order);
  const finding = findings[selected] ?? findings[0];
  const [settings, change] = useOverlaySettings(result.SOPInstanceUID, firstMark(finding, findings));
  const colours = useMaskColours(host.services, result);
  const hiding = useHiding(`${result.SOPInstanceUID} ${selected}`, finding?.deletion);
  const region = finding?.regions[0];
  const before = useMemo(
    () => (finding ? priorsOf(finding, result, priors.sets) : []),
    [finding, result, priors],
  );
  const regionsBefore = useMemo(() => before.flatMap((prior) => prior.finding.regions.slice(0, 1)), [before]);
  useFirstLook(host.services, regionsBefore);

  const select = useCallback(
    (index: number) => {
      setChosen(choice(result, index));
      const target = result.findings[index]?.regions[0];
      if (target) void jumpTo(host.services, target);
    },
    [result, host],
  );
  const correction = useCorrection(host, result, finding);
  const report = correctedBy?.document ?? newest;
  const desk = useAssessing(host.settings.server, { report, result, superseded, correction }, again);
  const masks = masksOf(finding, findings)?.SeriesInstanceUID;
  const wayTo = useKeyImages(host);
  const goTo = (place: Region) => (wayTo(place) ?? (() => void jumpTo(host.services, place)))();
  const isPlaceMissing = usePlaceMissing(host.services, finding?.regions ?? NO_REGIONS);
  const isOtherPatient = useOtherPatient(host.services, newest);
  const isUnread = useSeriesInHost(host, result.StudyInstanceUID, masks);
  // The copy that is edited takes the place of the masks.
  const shown = correction.correcting?.state === 'open' ? { ...settings, regions: false } : settings;
  usePanelKeys({
    settings,
    choose: desk.choose,
    change,
    select: (step) => {
      const next = order[order.indexOf(selected) + step];
      if (next !== undefined) select(next);
    },
    jump: () => {
      if (region) goTo(region);
      void jumpToAll(host.services, regionsBefore);
    },
    toggleCard: (index) => {
      const card = root.current?.querySelectorAll('details')[index];
      if (!card) return;
      card.open = !card.open;
      card.scrollIntoView({ block: 'nearest' });
    },
  });
  if (!finding) return null;
  // The cards are the model's own, their numbers too.
  const said = newest.findings[selected];
  const isDoubtful = failedOf(finding.checks).length > 0;
  const isListed = findings.length > 1 || finding.volumeMl !== undefined;
  return (
    <article ref={root} tabIndex={-1} aria-label={`${model.name} ${model.version}`}>
      <Head
        result={result}
        place={order.indexOf(selected) + 1}
        isDoubtful={isDoubtful}
        assessments={assessments}
        now={now}
      />
      {isOtherPatient && (
        <Notice kind="stop" title={STRINGS.otherPatient.title}>
          <span>{STRINGS.otherPatient.text}</span>
        </Notice>
      )}
      {result.origin === 'other' && (
        <Notice kind="info" title={STRINGS.other.title}>
          <span>{STRINGS.other.text}</span>
        </Notice>
      )}
      {correctedBy && <Corrected person={correctedBy.person} changes={changesOf(newest, result)} />}
      <CheckFirst checks={finding.checks} />
      <FindingSummary
        finding={finding}
        isPlaceMissing={isPlaceMissing}
        isDoubtful={isDoubtful || assessments[0]?.isRejected === true}
      />
      {isListed && (
        <FindingList
          findings={findings}
          order={order}
          selected={selected}
          onSelect={select}
          colours={colours}
        />
      )}
      <Priors study={result.StudyInstanceUID} priors={before} state={priors.state} again={askPriors} />
      <Overlay
        host={host}
        archive={archive}
        result={result}
        finding={finding}
        settings={shown}
        change={change}
        hiding={hiding}
      />
      {isUnread && (
        <Notice kind="warn" title={STRINGS.masksUnread.title}>
          <span>{STRINGS.masksUnread.text}</span>
        </Notice>
      )}
      {finding.elements.map((element) => (
        <ElementCard key={element.name} element={element} keyWord={said && keyNumber(element.name, said)}>
          {element.name === 'localization' && region && (
            <button type="button" className="pel-btn" onClick={() => goTo(region)}>
              {STRINGS.goTo(region.name || finding.label)} <kbd>↵</kbd>
            </button>
          )}
          {element.name === 'visualRecognizability' && (
            <NearestCases cases={nearestOf(finding.measures)} model={model} server={host.settings.server} />
          )}
        </ElementCard>
      ))}
      {result.origin === 'other' && <Measurements measurements={finding.measurements} />}
      <Trust measures={finding.measures} deletion={finding.deletion} hiding={hiding} />
      <Checks checks={finding.checks} />
      <ModelFacts model={model} parameters={finding.parameters}>
        <WrittenWith found={writtenWith} wayTo={wayTo} />
      </ModelFacts>
      <Superseded newest={newest} results={superseded} now={now} />
      <Assess desk={desk} label={finding.label} count={findings.length} server={host.settings.server} />
    </article>
  );
}
