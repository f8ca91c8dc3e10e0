import { bodyText } from '@/utils/entryText';
import type { MessageBody } from '@/utils/messageBody';
import type { Seq } from '@/types/ids';
import { t } from '@/utils/t';
import { useLogShared, useMessageTab } from './logContext';
import styles from './QuoteBlock.module.css';

interface QuoteBlockProps {
  readonly seq: Seq;
  /** Null: it is not among what is shown. */
  readonly body: MessageBody | null;
  /** Of the quoted one; empty when it is not known. */
  readonly senderName: string;
}

/** The message that another one answers, in two short lines; a press leads to it. What was taken back is not there any more. */
export function QuoteBlock({ seq, body, senderName }: QuoteBlockProps) {
  const { goTo } = useLogShared();
  const tab = useMessageTab();
  if (body?.kind === 'recalled')
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
        {body && <b className={styles.sender}>{senderName}</b>}
        <span className={styles.text}>{body ? bodyText(body) : t('missingQuote')}</span>
      </button>
    </blockquote>
  );
}
