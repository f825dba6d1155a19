import { type CSSProperties, useId } from 'react';
import { gradientOf } from '../../../ohif-extension/src/lib/colour-map.ts';
import type { CaseFinding } from '../../../server/review/contract/case.ts';
import { PALETTES, type Palette } from '../../../server/shared/colour-map.ts';
import { type Looking, TOPS } from '../hooks/use-looking.ts';
import { local } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';
import { WindowChoice } from './window-choice.tsx';

interface Props {
  readonly finding: CaseFinding | undefined;
  readonly looking: Looking;
  readonly pictures: number;
  readonly viewer: string;
  readonly isCt: boolean;
}

const { case: WORDS } = STRINGS;

/** What is laid over the picture, and how; under it the legend. */
export function PictureControls({ finding, looking, pictures, viewer, isCt }: Props) {
  const { looks, show, picture, goToPicture } = looking;
  const kinds = finding?.overlays ?? [];
  const hasMap = kinds.includes('map');
  return (
    <div className="rev-ctl">
      {pictures > 1 && (
        <Slide
          name={WORDS.slider}
          value={picture}
          last={pictures - 1}
          says={WORDS.image(picture + 1, pictures)}
          onChange={goToPicture}
        />
      )}
      <div className="r">
        <Toggle
          isOn={looks.isMap}
          isThere={hasMap || kinds.includes('mask')}
          onChange={(isMap) => show({ isMap })}
          letter="E"
        >
          {!hasMap && kinds.includes('mask') ? WORDS.mask : WORDS.map}
        </Toggle>
        <Toggle
          isOn={looks.isRegions}
          isThere={(finding?.regions.length ?? 0) > 0}
          onChange={(isRegions) => show({ isRegions })}
          letter="G"
        >
          {WORDS.regions}
        </Toggle>
        <Toggle
          isOn={looks.isUncertainty}
          isThere={kinds.includes('uncertainty')}
          onChange={(isUncertainty) => show({ isUncertainty })}
          letter="U"
        >
          {WORDS.uncertainty}
        </Toggle>
        {kinds.includes('corrected') && (
          <Toggle
            isOn={looks.isCorrected}
            isThere
            onChange={(isCorrected) => show({ isCorrected })}
            letter="M"
          >
            {WORDS.corrected}
          </Toggle>
        )}
        <a className="pel-btn" href={viewer} target="_blank" rel="noopener" title={WORDS.openOhif}>
          <Icon name="out" className="is-s" />
          {WORDS.ohifShort} <kbd>O</kbd>
        </a>
      </div>
      <div className="sl">
        {hasMap && (
          <Slide
            name={WORDS.showTop}
            value={Math.max(0, TOPS.indexOf(looks.top as (typeof TOPS)[number]))}
            last={TOPS.length - 1}
            says={`${Math.round(looks.top * 100)} %`}
            onChange={(i) => show({ top: TOPS[i] ?? 1 })}
          />
        )}
        {kinds.length > 0 && (
          <Slide
            name={WORDS.opacity}
            value={Math.round(looks.opacity * 10)}
            last={10}
            says={`${Math.round(looks.opacity * 100)} %`}
            onChange={(i) => show({ opacity: i / 10 })}
          />
        )}
      </div>
      <WindowChoice windowing={looking.windowing} isCt={isCt} />
      {hasMap && finding && <Legend finding={finding} looking={looking} />}
    </div>
  );
}

function Legend({ finding, looking: { looks, show } }: { finding: CaseFinding; looking: Looking }) {
  const place = finding.elements.localization;
  const method = place?.state === 'given' ? place.method : undefined;
  const label = finding.label.toLowerCase();
  return (
    <div className="pel-legend">
      <div
        className="ramp"
        style={{
          background: looks.isAgainst
            ? 'repeating-linear-gradient(135deg, #60a5ff 0 2px, #12306b 2px 5px)'
            : gradientOf(looks.colours, 'to right'),
        }}
      />
      <div className="ticks" aria-hidden="true">
        <span>0</span>
        <span>{local('0.5')}</span>
        <span>{WORDS.ofMax}</span>
      </div>
      <div className="foot">
        <span>
          {looks.isAgainst ? WORDS.legendAgainst(label) : WORDS.legend(label)}
          {method && ` · ${method}`}
        </span>
        <select
          className="pel-field"
          aria-label={WORDS.colours}
          value={looks.colours}
          onChange={(e) => show({ colours: e.currentTarget.value as Palette })}
        >
          {PALETTES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <span>
          {WORDS.hold[0]}
          <kbd>H</kbd>
          {WORDS.hold[1]}
        </span>
      </div>
    </div>
  );
}

interface ToggleProps {
  readonly isOn: boolean;
  readonly isThere: boolean;
  readonly letter: string;
  readonly onChange: (isOn: boolean) => void;
  readonly children: string;
}

const Toggle = ({ isOn, isThere, letter, onChange, children }: ToggleProps) => (
  <button
    type="button"
    className="pel-btn"
    aria-pressed={isOn && isThere}
    disabled={!isThere}
    onClick={() => onChange(!isOn)}
  >
    {children} <kbd>{letter}</kbd>
  </button>
);

interface SlideProps {
  readonly name: string;
  readonly value: number;
  readonly last: number;
  readonly says: string;
  readonly onChange: (value: number) => void;
}

function Slide({ name, value, last, says, onChange }: SlideProps) {
  const id = useId();
  return (
    <div className="pel-sliders">
      <label htmlFor={id}>{name}</label>
      <input
        className="pel-range"
        id={id}
        type="range"
        min={0}
        max={last}
        value={value}
        aria-valuetext={says}
        style={{ '--v': `${(100 * value) / last}%` } as CSSProperties}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      />
      <output>{says}</output>
    </div>
  );
}
