import type { ReactNode } from 'react';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import styles from './SettingRow.module.css';

interface SettingRowProps {
  readonly label: ReactNode;
  /** What it does or how it is, in a line under the label. */
  readonly hint?: ReactNode;
  /** The id of the hint, where the control is described by it. */
  readonly hintId?: string;
  /** Before the label: an avatar or icon. */
  readonly leading?: ReactNode;
  /** The control at the end. */
  readonly children?: ReactNode;
}

/** One setting: what it is at the left, how it is changed at the right. */
export function SettingRow({ label, hint, hintId, leading, children }: SettingRowProps) {
  return (
    <div className={styles.row}>
      {leading}
      <span className={shared.grow}>
        <span className={styles.label}>{label}</span>
        {hint && (
          <span id={hintId} className={classes(shared.block, shared.caption, shared.faint)}>
            {hint}
          </span>
        )}
      </span>
      {children}
    </div>
  );
}
