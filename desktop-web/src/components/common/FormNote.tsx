import { classes } from '@/utils/classes';
import { Icon } from './Icon';
import styles from './FormNote.module.css';

interface FormNoteProps {
  /** Missing: there is nothing to say. */
  readonly text: string | undefined;
  readonly kind: 'done' | 'failed';
}

/** What became of a form, where it belongs to no field. */
export function FormNote({ text, kind }: FormNoteProps) {
  if (!text) return null;
  const failed = kind === 'failed';
  return (
    <p className={classes(styles.note, failed && styles.failed)} role={failed ? 'alert' : 'status'}>
      <Icon name={failed ? 'alert' : 'check'} />
      {text}
    </p>
  );
}
