import { TextArea } from '@/components/ant/parts';
import { useId, useState, type KeyboardEvent } from 'react';
import { byteLength } from '@/utils/text';
import { t } from '@/utils/t';
import styles from './AboutField.module.css';

/** What a group says of itself, bytes ([G2]). */
const MAX_ABOUT = 1_024;

interface AboutFieldProps {
  /** As the server has it. */
  readonly value: string;
  /** Gives why it was refused, or null. */
  readonly onSave: (text: string) => Promise<string | null>;
}

/** The lines that stand over the members of a group. Saved when they are left; Escape takes them back. */
export function AboutField({ value, onSave }: AboutFieldProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const [error, setError] = useState<string | null>(null);
  // Somebody else wrote it anew.
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setText(value);
  }
  const isLong = byteLength(text) > MAX_ABOUT;
  const save = async () => {
    const wanted = text.trim();
    if (wanted === value || isLong) return;
    setError(await onSave(wanted));
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || text === value) return;
    event.stopPropagation();
    // The Escape that ends a composition of Chinese is not meant for the field.
    if (!event.nativeEvent.isComposing) setText(value);
  };
  const problem = isLong ? t('aboutTooLong') : error;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{t('groupAbout')}</label>
      <TextArea
        id={id}
        value={text}
        autoSize={{ minRows: 2, maxRows: 6 }}
        status={problem ? 'error' : ''}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          setText(event.target.value);
          setError(null);
        }}
        onBlur={() => void save()}
        onKeyDown={keyDown}
      />
      <p id={`${id}-help`} className={problem ? styles.error : styles.help}>
        {problem ?? t('groupAboutHelp')}
      </p>
    </div>
  );
}
