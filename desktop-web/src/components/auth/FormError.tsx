import { Icon } from '@/components/common/Icon';
import styles from './FormError.module.css';

interface FormErrorProps {
  readonly text: string | undefined;
}

/** A failure that belongs to no field, above the button. */
export function FormError({ text }: FormErrorProps) {
  if (!text) return null;
  return (
    <p className={styles.error} role="alert">
      <Icon name="alert" />
      {text}
    </p>
  );
}
