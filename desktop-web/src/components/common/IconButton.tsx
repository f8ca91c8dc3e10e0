import type { ComponentProps } from 'react';
import type { IconName } from '@/constants/icons';
import { classes } from '@/utils/classes';
import { Icon } from './Icon';
import styles from './IconButton.module.css';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: IconName;
  /** What it does, for readers and as a tooltip. */
  readonly label: string;
  readonly accent?: boolean;
}

/** A square button with an icon. Other properties go to the button, so that Ant Design can open menus from it. */
export function IconButton({ icon, label, accent, className, ...button }: IconButtonProps) {
  return (
    <button
      type="button"
      className={classes(styles.button, accent && styles.accent, className)}
      aria-label={label}
      title={label}
      {...button}
    >
      <Icon name={icon} />
    </button>
  );
}
