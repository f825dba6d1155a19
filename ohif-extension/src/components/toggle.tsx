interface Props {
  readonly name: string;
  /** The key that does the same. */
  readonly letter?: string;
  readonly isOn: boolean;
  readonly testId?: string;
  readonly onToggle: () => void;
}

/** A button that stays pressed. */
export const Toggle = ({ name, letter, isOn, testId, onToggle }: Props) => (
  <button type="button" className="pel-btn" data-testid={testId} aria-pressed={isOn} onClick={onToggle}>
    {name} {letter && <kbd>{letter}</kbd>}
  </button>
);
