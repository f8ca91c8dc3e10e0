import { useMemo } from 'react';
import { EVERYBODY, type UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { emojiCount } from '@/utils/emoji';
import { richText } from '@/utils/richText';
import { useLogShared, useMessageTab } from './logContext';
import styles from './RichText.module.css';

interface RichTextProps {
  readonly text: string;
  readonly mentions: readonly UserId[];
}

/** A text with its links, code and the people it calls. Emoji alone are larger. */
export function RichText({ text, mentions }: RichTextProps) {
  const { self, calledNames, openPerson } = useLogShared();
  const tab = useMessageTab();
  const tokens = useMemo(() => {
    const names = mentions.flatMap((userId) => calledNames(userId).map((name) => ({ userId, name })));
    return richText(text, names);
  }, [text, mentions, calledNames]);
  const emoji = emojiCount(text);
  return (
    <span className={classes(styles.text, emoji > 0 && (emoji <= 3 ? styles.huge : styles.large))}>
      {tokens.map((token) => {
        if (token.kind === 'code') return <code key={token.at}>{token.code}</code>;
        if (token.kind === 'link')
          return (
            <a
              key={token.at}
              href={token.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
              tabIndex={tab}
            >
              {token.shown}
            </a>
          );
        if (token.kind === 'text') return token.text;
        const called = token.userId === self || token.userId === EVERYBODY;
        const name = classes(styles.mention, called && styles.called);
        if (token.userId === EVERYBODY)
          return (
            <span key={token.at} className={name}>
              {token.text}
            </span>
          );
        return (
          <button
            key={token.at}
            type="button"
            className={name}
            tabIndex={tab}
            onClick={() => openPerson(token.userId)}
          >
            {token.text}
          </button>
        );
      })}
    </span>
  );
}
