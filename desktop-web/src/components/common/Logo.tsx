import { useId } from 'react';
import styles from './Logo.module.css';

/** The mark of im-rs. */
export function Logo() {
  const gradient = useId();
  return (
    <svg className={styles.logo} viewBox="0 0 40 40" aria-hidden="true">
      <defs>
        <linearGradient id={gradient} x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" className={styles.start} />
          <stop offset="1" className={styles.end} />
        </linearGradient>
      </defs>
      <path
        fill={`url(#${gradient})`}
        d="M14 3h12a11 11 0 0 1 11 11v10a11 11 0 0 1-11 11H14l-7.2 3.2c-1 .5-2.1-.4-1.9-1.5L5.8 31A11 11 0 0 1 3 24V14A11 11 0 0 1 14 3Z"
      />
      <path className={styles.letters} d="M11 18v8M17 26v-5a3 3 0 0 1 6 0v5M23 21a3 3 0 0 1 6 0v5" />
      <circle className={styles.dot} cx="11" cy="12.8" r="2.1" />
    </svg>
  );
}
