import { useRef, type FormEvent, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { Icon } from './Icon';
import { IconButton } from './IconButton';
import styles from './SearchField.module.css';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly className?: string | undefined;
  readonly autoFocus?: boolean;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  /** At its end while it is empty: a hint about its key. */
  readonly hint?: ReactNode;
}

/** A field that filters as one types, with a button that empties it. */
export function SearchField({
  label,
  value,
  onChange,
  className,
  autoFocus,
  inputRef,
  onKeyDown,
  hint,
}: SearchFieldProps) {
  const around = useRef<HTMLLabelElement>(null);
  const change = (event: FormEvent<HTMLInputElement>) => onChange(event.currentTarget.value);
  const empty = () => {
    onChange('');
    around.current?.querySelector('input')?.focus();
  };
  return (
    <label ref={around} className={classes(styles.search, className)}>
      <Icon name="search" />
      <input
        ref={inputRef}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={change}
        onKeyDown={onKeyDown}
        autoFocus={autoFocus}
      />
      {value === '' ? (
        hint
      ) : (
        <IconButton className={styles.empty} icon="close" label={t('emptyField')} onClick={empty} />
      )}
    </label>
  );
}
