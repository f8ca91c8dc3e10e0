import type { TextName } from '@/constants/texts/en';
import { t } from '@/utils/t';
import styles from './SpanPicker.module.css';

/** What the chart can show. */
export interface Span {
  readonly name: TextName;
  /** What its left end is called. */
  readonly since: TextName;
  readonly ms: number;
  /** Of one row in the table. */
  readonly periodMs: number;
}

interface SpanPickerProps {
  readonly spans: readonly Span[];
  readonly chosen: Span;
  readonly onChoose: (span: Span) => void;
}

/** How far back the chart goes. */
export function SpanPicker({ spans, chosen, onChoose }: SpanPickerProps) {
  return (
    <div className={styles.track} role="group" aria-label={t('chartSpan')}>
      {spans.map((span) => (
        <button
          key={span.name}
          type="button"
          className={styles.item}
          aria-pressed={span === chosen}
          onClick={() => onChoose(span)}
        >
          {t(span.name)}
        </button>
      ))}
    </div>
  );
}
