import { formatMs } from '@/utils/milliseconds';
import { t } from '@/utils/t';
import styles from './StatCard.module.css';

interface StatCardProps {
  readonly label: string;
  /** Null: not known. */
  readonly ms: number | null;
  /** A judgement in a word or two. */
  readonly verdict?: { readonly text: string; readonly tone: 'ok' | 'warn' } | null;
  readonly note: string;
}

/** One number that says how the connection is. */
export function StatCard({ label, ms, verdict, note }: StatCardProps) {
  return (
    <section className={styles.card}>
      <h2 className={styles.label}>{label}</h2>
      <p className={styles.value}>
        {formatMs(ms)} {ms !== null && <small>{t('ms')}</small>}
      </p>
      <p className={styles.note}>
        {verdict && <span className={styles[verdict.tone]}>{verdict.text} </span>}
        {note}
      </p>
    </section>
  );
}
