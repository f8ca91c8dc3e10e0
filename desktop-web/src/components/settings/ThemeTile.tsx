import type { ThemeChoice } from '@/stores/settingsStore';
import { ThemePicture } from './ThemePicture';
import styles from './ThemeTile.module.css';

interface ThemeTileProps {
  readonly choice: ThemeChoice;
  readonly label: string;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

/** A theme as a small picture. */
export function ThemeTile({ choice, label, chosen, onChoose }: ThemeTileProps) {
  return (
    <button
      type="button"
      role="radio"
      className={styles.tile}
      aria-checked={chosen}
      tabIndex={chosen ? 0 : -1}
      data-theme-choice={choice}
      onClick={onChoose}
    >
      <span className={styles.picture}>
        {choice === 'system' ? (
          <>
            <span className={styles.half} data-theme="dark">
              <ThemePicture />
            </span>
            <span className={styles.half} data-theme="light">
              <ThemePicture />
            </span>
          </>
        ) : (
          <span className={styles.whole} data-theme={choice}>
            <ThemePicture />
          </span>
        )}
      </span>
      {label}
    </button>
  );
}
