import { Suspense, useEffect, useRef, useState } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { LazyEmojiPicker } from '@/components/emoji/lazyPicker';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './EmojiButton.module.css';

interface EmojiButtonProps {
  readonly onPick: (emoji: string) => void;
}

/** Opens the picker over the composer; several can be picked one after the other. */
export function EmojiButton({ onPick }: EmojiButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  const around = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = ({ target }: Event) => {
      if (target instanceof Node && !around.current?.contains(target)) setIsOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [isOpen]);
  const close = () => {
    setIsOpen(false);
    around.current?.querySelector('button')?.focus();
  };
  return (
    <span ref={around} className={styles.around}>
      <IconButton
        className={styles.button}
        icon="smile"
        label={t('emoji')}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      />
      {isOpen && (
        <div className={classes(shared.raised, styles.pop)}>
          <Suspense fallback={<div className={styles.empty} />}>
            <LazyEmojiPicker onPick={onPick} onClose={close} />
          </Suspense>
        </div>
      )}
    </span>
  );
}
