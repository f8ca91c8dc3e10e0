import { useId, type ReactNode } from 'react';
import styles from './EmptyState.module.css';

interface EmptyStateProps {
  readonly title: string;
  readonly text?: string;
  readonly action?: ReactNode;
}

/** A drawing, one sentence and one action, where there is nothing to show. */
export function EmptyState({ title, text, action }: EmptyStateProps) {
  const gradient = useId();
  return (
    <div className={styles.empty}>
      <svg className={styles.art} viewBox="0 0 112 88" fill="none" aria-hidden="true">
        <defs>
          <linearGradient id={gradient} x1="36" y1="32" x2="104" y2="86" gradientUnits="userSpaceOnUse">
            <stop className={styles.start} />
            <stop offset="1" className={styles.end} />
          </linearGradient>
        </defs>
        <rect className={styles.dashed} x="8" y="18" width="62" height="42" rx="14" />
        <path
          className={styles.front}
          stroke={`url(#${gradient})`}
          d="M46 32h44a14 14 0 0 1 14 14v18a14 14 0 0 1-14 14H60l-12 8v-9a13 13 0 0 1-12-13V46a14 14 0 0 1 10-14Z"
        />
        <path className={styles.lines} d="M54 50h32M54 60h20" />
      </svg>
      <h2 className={styles.title}>{title}</h2>
      {text && <p>{text}</p>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
