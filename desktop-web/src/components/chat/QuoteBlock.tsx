import type { Quote } from '@/utils/logRows';
import { bodyText } from '@/utils/entryText';
import { t } from '@/utils/t';
import styles from './QuoteBlock.module.css';

interface QuoteBlockProps {
  readonly quote: Quote;
  /** Of the quoted one; empty when it is not held. */
  readonly senderName: string;
}

/** The message that another one answers, in two short lines. */
export function QuoteBlock({ quote, senderName }: QuoteBlockProps) {
  return (
    <blockquote className={styles.quote}>
      {quote.message && <span className={styles.sender}>{senderName}</span>}
      <span className={styles.text}>{quote.message ? bodyText(quote.message.body) : t('missingQuote')}</span>
    </blockquote>
  );
}
