import { t } from '@/utils/t';
import styles from './AboutGroup.module.css';

interface AboutGroupProps {
  readonly text: string;
  /** Opens the place where it is written; null: the user may not. */
  readonly onWrite: (() => void) | null;
}

/** What those who lead a group say to everybody in it. */
export function AboutGroup({ text, onWrite }: AboutGroupProps) {
  if (text === '' && onWrite === null) return null;
  return (
    <section className={styles.card} aria-label={t('groupAbout')}>
      <h3 className={styles.title}>{t('groupAbout')}</h3>
      {text === '' ? (
        <button type="button" className={styles.write} onClick={() => onWrite?.()}>
          {t('writeAbout')}
        </button>
      ) : (
        <p className={styles.text}>{text}</p>
      )}
    </section>
  );
}
