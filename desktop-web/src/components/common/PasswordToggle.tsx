import { t } from '@/utils/t';
import styles from './TextField.module.css';

interface PasswordToggleProps {
  readonly visible: boolean;
  readonly onToggle: () => void;
}

/** Shows and hides a password. */
export function PasswordToggle({ visible, onToggle }: PasswordToggleProps) {
  return (
    <button
      type="button"
      className={styles.toggle}
      aria-label={t(visible ? 'hidePassword' : 'showPassword')}
      aria-pressed={visible}
      // The field keeps the focus, and with it the keyboard of a phone.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onToggle}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M2.8 12c2.3-4.2 5.4-6.3 9.2-6.3s6.9 2.1 9.2 6.3c-2.3 4.2-5.4 6.3-9.2 6.3S5.1 16.2 2.8 12Z" />
        <circle cx="12" cy="12" r="2.8" />
        {visible && <path d="M4 4l16 16" />}
      </svg>
    </button>
  );
}
