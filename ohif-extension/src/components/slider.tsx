import { type CSSProperties, useId } from 'react';

interface Props {
  readonly label: string;
  /** Percent. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** A labelled slider from 5 to 100 percent: three cells of a `.pel-sliders` grid. */
export function Slider({ label, value, onChange }: Props) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        className="pel-range"
        id={id}
        type="range"
        min={5}
        max={100}
        step={5}
        value={value}
        aria-valuetext={`${value} %`}
        style={{ '--v': `${((value - 5) / 95) * 100}%` } as CSSProperties}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      />
      <span className="value" aria-hidden="true">
        {value} %
      </span>
    </>
  );
}
