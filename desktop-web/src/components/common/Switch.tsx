import styles from './Switch.module.css';

interface SwitchProps {
  /** What it turns on. */
  readonly label: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  /** The id of an element that says more. */
  readonly describedBy?: string | undefined;
  readonly onChange: (on: boolean) => void;
}

/** On or off, at once. The place of the knob says it without colours. */
export function Switch({ label, on, disabled, describedBy, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      className={styles.switch}
      aria-checked={on}
      aria-label={label}
      aria-describedby={describedBy}
      disabled={disabled}
      onClick={() => onChange(!on)}
    />
  );
}
