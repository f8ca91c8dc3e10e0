import { Icon } from '@/components/common/Icon';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './SubmitButton.module.css';

interface SubmitButtonProps {
  readonly label: string;
  readonly pending: boolean;
  /** Seconds until the server takes another attempt; 0: now. */
  readonly waitSeconds: number;
}

/** The one primary action of a form. Disabled only while it is under way or has to wait; its words stay in their place. */
export function SubmitButton({ label, pending, waitSeconds }: SubmitButtonProps) {
  const waits = waitSeconds > 0;
  return (
    <button
      type="submit"
      className={classes(shared.primary, styles.submit)}
      disabled={pending || waits}
      aria-busy={pending}
    >
      {pending && (
        <span className={styles.spinner}>
          <Icon name="spinner" size="small" spinning />
        </span>
      )}
      {waits ? t('waitSeconds', { seconds: waitSeconds }) : label}
    </button>
  );
}
