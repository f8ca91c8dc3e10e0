import { t } from '@/utils/t';
import { SideCard } from './SideCard';
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
    <SideCard label={t('groupAbout')}>
      {text === '' ? (
        <button type="button" className={styles.write} onClick={() => onWrite?.()}>
          {t('writeAbout')}
        </button>
      ) : (
        <p className={styles.text}>{text}</p>
      )}
    </SideCard>
  );
}
