import type { ComponentProps, ReactNode } from 'react';
import { classes } from '@/utils/classes';
import styles from './Button.module.css';
import { Icon } from './Icon';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'type'> {
  readonly type?: 'default' | 'primary' | 'text' | 'link';
  readonly htmlType?: 'button' | 'submit';
  readonly size?: 'small' | 'middle' | 'large';
  readonly danger?: boolean;
  /** As wide as what it is in. */
  readonly block?: boolean;
  readonly icon?: ReactNode;
  /** It is at work: it turns, and does nothing more until then. */
  readonly loading?: boolean;
}

/** A button with words. Other properties go to the button itself. */
export function Button({
  type = 'default',
  htmlType = 'button',
  size = 'middle',
  danger = false,
  block = false,
  icon,
  loading = false,
  disabled = false,
  className,
  children,
  ...button
}: ButtonProps) {
  return (
    <button
      type={htmlType}
      className={classes(
        styles.button,
        styles[type],
        styles[size],
        danger && styles.danger,
        block && styles.block,
        className,
      )}
      disabled={disabled || loading}
      aria-busy={loading || undefined}
      {...button}
    >
      {loading ? <Icon name="spinner" size="small" spinning /> : icon}
      {children !== undefined && <span className={styles.words}>{children}</span>}
    </button>
  );
}
