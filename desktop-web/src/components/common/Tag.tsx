import { classes } from '@/utils/classes';
import styles from './Tag.module.css';

interface TagProps {
  readonly text: string;
  readonly tone?: 'ok' | 'warn';
}

/** A state in a word. */
export function Tag({ text, tone }: TagProps) {
  return <span className={classes(styles.tag, tone && styles[tone])}>{text}</span>;
}
