import { classes } from '@/utils/classes';
import { bodyText } from '@/utils/entryText';
import type { Quote } from '@/utils/logRows';
import { t } from '@/utils/t';
import { useLogShared, useMessageTab } from './logContext';
import styles from './QuoteBlock.module.css';

interface QuoteBlockProps {
  readonly quote: Quote;
  /** Of the quoted one; empty when it is not known. */
  readonly senderName: string;
}

/**
 * The message that another one answers, in two short lines; a press leads to it. What was taken back or cannot be seen is not there. The
 * height is the same in all cases, so that nothing moves when the text comes.
 */
export function QuoteBlock({ quote: { seq, message, absent }, senderName }: QuoteBlockProps) {
  const { goTo } = useLogShared();
  const tab = useMessageTab();
  if (absent || message?.body.kind === 'recalled')
    return (
      <blockquote className={styles.quote}>
        <span className={styles.text}>{t('quoteGone')}</span>
      </blockquote>
    );
  return (
    <blockquote className={styles.quote}>
      <button
        type="button"
        className={styles.source}
        title={t('goToSource')}
        tabIndex={tab}
        onClick={() => goTo(seq)}
      >
        {message ? (
          <>
            <b className={styles.sender}>{senderName}</b>
            <span className={styles.text}>{bodyText(message.body)}</span>
          </>
        ) : (
          <span className={classes(styles.text, styles.late)}>{t('missingQuote')}</span>
        )}
      </button>
    </blockquote>
  );
}
