import type { ReactNode } from 'react';
import styles from './Card.module.css';

interface CardProps {
  readonly title: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, children }: CardProps) {
  return (
    <section className={styles.card}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
