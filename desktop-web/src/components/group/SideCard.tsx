import type { ReactNode } from 'react';
import { classes } from '@/utils/classes';
import styles from './SideCard.module.css';

interface SideCardProps {
  readonly label: string;
  /** Stands after the label in the title. */
  readonly count?: number;
  /** More of it shows before it scrolls. */
  readonly tall?: boolean;
  readonly children: ReactNode;
}

/** A titled part of the panel of a group. */
export function SideCard({ label, count, tall = false, children }: SideCardProps) {
  return (
    <section className={classes(styles.card, tall && styles.tall)} aria-label={label}>
      <h3 className={styles.title}>
        {label}
        {count !== undefined && <span className={styles.count}>{count}</span>}
      </h3>
      {children}
    </section>
  );
}
