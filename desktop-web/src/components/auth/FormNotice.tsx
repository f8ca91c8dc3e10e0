import { Icon } from '@/components/common/Icon';
import styles from './FormNotice.module.css';

interface FormNoticeProps {
  readonly text: string;
}

/** What a form has done. */
export function FormNotice({ text }: FormNoticeProps) {
  return (
    <p className={styles.notice} role="status">
      <Icon name="check" />
      {text}
    </p>
  );
}
