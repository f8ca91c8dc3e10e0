import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Icon } from './Icon';
import { PasswordToggle } from './PasswordToggle';
import type { IconName } from '@/constants/icons';
import { useErrorFocus } from '@/hooks/useErrorFocus';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './TextField.module.css';

interface TextFieldProps {
  readonly label: string;
  readonly icon?: IconName;
  readonly type?: 'text' | 'password' | 'email' | 'tel';
  readonly autoComplete: string;
  readonly value: string;
  readonly help?: ReactNode;
  /** What is wrong with the value; the first such field of a form then takes the focus, unless the user writes elsewhere. */
  readonly error: string | undefined;
  /** Characters at most. */
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  readonly onChange: (value: string) => void;
  /** The user goes on to something else. */
  readonly onBlur?: () => void;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
}

/** A labelled field with its help, or its error in place of it. A password says when Caps Lock is on. */
export function TextField({
  label,
  icon,
  type = 'text',
  autoComplete,
  value,
  help,
  error,
  maxLength,
  autoFocus,
  onChange,
  onBlur,
  onKeyDown,
}: TextFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [visible, setVisible] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  useErrorFocus(input, error);
  const isPassword = type === 'password';
  const hint = error ?? (capsLock ? t('capsLock') : help);
  const lookAtCapsLock = (event: KeyboardEvent<HTMLInputElement>) =>
    setCapsLock(isPassword && event.getModifierState('CapsLock'));
  const properties = {
    id,
    ref: input,
    autoComplete,
    value,
    autoFocus,
    maxLength,
    'aria-invalid': Boolean(error),
    'aria-describedby': hint ? `${id}-help` : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => {
      lookAtCapsLock(event);
      onKeyDown?.(event);
    },
    onKeyUp: lookAtCapsLock,
    onBlur: () => {
      setCapsLock(false);
      onBlur?.();
    },
  } as const;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <span className={classes(styles.box, error && styles.wrong)}>
        {icon && (
          <span className={styles.icon}>
            <Icon name={icon} />
          </span>
        )}
        <input {...properties} className={styles.input} type={isPassword && visible ? 'text' : type} />
        {isPassword && <PasswordToggle visible={visible} onToggle={() => setVisible(!visible)} />}
      </span>
      {hint && (
        <p
          id={`${id}-help`}
          className={classes(styles.help, error ? styles.error : capsLock && styles.caution)}
          role={capsLock && !error ? 'status' : undefined}
        >
          {(error || capsLock) && <Icon name="alert" size="small" />}
          {hint}
        </p>
      )}
    </div>
  );
}
