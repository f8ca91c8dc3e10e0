import { useLayoutEffect } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { useTypists } from '@/hooks/useTypists';
import type { ConversationId, UserId } from '@/types/ids';
import { t } from '@/utils/t';
import styles from './TypingLine.module.css';

interface TypingLineProps {
  readonly conversationId: ConversationId;
  readonly nameOf: (userId: UserId) => string;
  /** It came or went, so that the log is longer or shorter. */
  readonly onChange: () => void;
}

/** That somebody is typing, after the last message. */
export function TypingLine({ conversationId, nameOf, onChange }: TypingLineProps) {
  const typists = useTypists(conversationId);
  const [first] = typists;
  const shown = first !== undefined;
  useLayoutEffect(onChange, [shown, onChange]);
  return (
    <div role="status" className={styles.line}>
      {shown && (
        <>
          <Avatar id={first} name={nameOf(first)} size={32} />
          <span className={styles.bubble}>
            <span className={styles.words}>
              {typists.length === 1
                ? t('typingOne', { name: nameOf(first) })
                : t('typingMany', { count: typists.length })}
            </span>
            <i aria-hidden="true" />
            <i aria-hidden="true" />
            <i aria-hidden="true" />
          </span>
        </>
      )}
    </div>
  );
}
