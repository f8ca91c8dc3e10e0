import type { FormEvent } from 'react';
import { classes } from '@/utils/classes';
import { Icon } from './Icon';
import styles from './SearchField.module.css';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly className?: string | undefined;
}

/** A field that filters as one types. */
export function SearchField({ label, value, onChange, className }: SearchFieldProps) {
  const change = (event: FormEvent<HTMLInputElement>) => onChange(event.currentTarget.value);
  return (
    <label className={classes(styles.search, className)}>
      <Icon name="search" />
      <input type="search" aria-label={label} placeholder={label} value={value} onChange={change} />
    </label>
  );
}
