import type { ReactNode } from 'react';
import styles from './Card.module.css';

interface CardProps {
  readonly title: ReactNode;
  /** Of its heading, which can then be gone to. */
  readonly headingId?: string;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, headingId, children }: CardProps) {
  return (
    <section className={styles.card} aria-labelledby={headingId}>
      <h2 id={headingId} tabIndex={headingId === undefined ? undefined : -1}>
        {title}
      </h2>
      {children}
    </section>
  );
}
