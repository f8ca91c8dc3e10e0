import type { KeyboardEvent } from 'react';
import { useEmojiStore } from '@/stores/emojiStore';
import { TONES, withTone, type Tone } from '@/utils/emojiSet';
import { t } from '@/utils/t';
import styles from './EmojiTones.module.css';

const HAND = { emoji: '✋', hasTones: true } as const;

/** Which skin tone people have. */
export function EmojiTones() {
  const { tone, chooseTone } = useEmojiStore();
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = ((tone + step + TONES.length) % TONES.length) as Tone;
    chooseTone(next);
    event.currentTarget.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div className={styles.tones} role="radiogroup" aria-label={t('emojiTone')} onKeyDown={move}>
      {TONES.map((one) => (
        <button
          key={one}
          type="button"
          role="radio"
          className={styles.tone}
          aria-checked={one === tone}
          aria-label={t('emojiToneNumber', { number: one })}
          tabIndex={one === tone ? 0 : -1}
          onClick={() => chooseTone(one)}
        >
          {withTone(HAND, one)}
        </button>
      ))}
    </div>
  );
}
