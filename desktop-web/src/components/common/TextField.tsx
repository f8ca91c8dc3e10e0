import { Input, type InputRef } from 'antd';
import { useEffect, useId, useRef } from 'react';
import { Icon } from './Icon';
import { PasswordToggle } from './PasswordToggle';
import type { IconName } from '@/constants/icons';
import { classes } from '@/utils/classes';
import styles from './TextField.module.css';

interface TextFieldProps {
  readonly label: string;
  readonly icon?: IconName;
  readonly type?: 'text' | 'password';
  readonly autoComplete: string;
  readonly value: string;
  readonly help?: string;
  /** What is wrong with the value; the field then takes the focus. */
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** A labelled field with its help, or its error in place of it. */
export function TextField({
  label,
  icon,
  type = 'text',
  autoComplete,
  value,
  help,
  error,
  onChange,
}: TextFieldProps) {
  const id = useId();
  const input = useRef<InputRef>(null);
  useEffect(() => {
    if (error) input.current?.focus();
  }, [error]);
  const properties = {
    id,
    ref: input,
    size: 'large',
    autoComplete,
    value,
    prefix: icon && <Icon name={icon} />,
    'aria-invalid': Boolean(error),
    'aria-describedby': error || help ? `${id}-help` : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    status: error ? 'error' : '',
  } as const;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {type === 'password' ? (
        <Input.Password {...properties} iconRender={(visible) => <PasswordToggle visible={visible} />} />
      ) : (
        <Input {...properties} />
      )}
      {(error ?? help) && (
        <p id={`${id}-help`} className={classes(styles.help, error !== undefined && styles.error)}>
          {error && <Icon name="alert" size="small" />}
          {error ?? help}
        </p>
      )}
    </div>
  );
}
