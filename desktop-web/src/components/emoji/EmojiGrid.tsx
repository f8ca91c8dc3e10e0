import { useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { withTone, type Emoji, type Tone } from '@/utils/emojiSet';
import { t } from '@/utils/t';
import styles from './EmojiGrid.module.css';

const COLUMNS = 8;

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -COLUMNS,
  ArrowDown: COLUMNS,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

interface EmojiGridProps {
  readonly label: string;
  readonly emoji: readonly Emoji[];
  readonly tone: Tone;
  readonly isLoading: boolean;
  readonly onPick: (emoji: Emoji) => void;
  /** The pointer or the focus is on it; null: on none. */
  readonly onActive: (emoji: Emoji | null) => void;
}

/** One stop for Tab; arrows, Home and End move inside. */
export function EmojiGrid({ label, emoji, tone, isLoading, onPick, onActive }: EmojiGridProps) {
  const grid = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(emoji.length - 1, focused + step));
    grid.current?.querySelectorAll('button')[next]?.focus();
  };
  const focus = ({ target }: FocusEvent) => {
    const index = [...(grid.current?.querySelectorAll('button') ?? [])].findIndex((one) => one === target);
    setFocused(Math.max(0, index));
    onActive(emoji[index] ?? null);
  };
  const rows = Array.from({ length: Math.ceil(emoji.length / COLUMNS) }, (_, row) =>
    emoji.slice(row * COLUMNS, (row + 1) * COLUMNS),
  );
  const stop = Math.min(focused, emoji.length - 1);
  return (
    <div className={styles.scroll}>
      {emoji.length === 0 && !isLoading && <p className={styles.none}>{t('emojiNone')}</p>}
      <div
        ref={grid}
        role="grid"
        aria-label={label}
        aria-busy={isLoading}
        onKeyDown={move}
        onFocus={focus}
        onPointerLeave={() => onActive(null)}
      >
        {rows.map((row, y) => (
          <div key={row[0]?.emoji} className={styles.row} role="row">
            {row.map((one, x) => (
              <span key={one.emoji} role="gridcell">
                <button
                  type="button"
                  className={styles.emoji}
                  aria-label={one.name}
                  tabIndex={y * COLUMNS + x === stop ? 0 : -1}
                  onClick={() => onPick(one)}
                  onPointerEnter={() => onActive(one)}
                >
                  {withTone(one, tone)}
                </button>
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
