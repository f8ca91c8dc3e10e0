import { Icon } from '@/components/common/Icon';
import { client } from '@/services/client';
import type { PendingMessage } from '@/types/pending';
import { reasonText, t } from '@/utils/t';
import { useMessageTab } from './logContext';
import styles from './FailureLine.module.css';

interface FailureLineProps {
  readonly message: PendingMessage;
}

/** Why a message was not sent, and what can be done about it. */
export function FailureLine({ message: { clientMessageId, failure } }: FailureLineProps) {
  const tab = useMessageTab();
  return (
    <p className={styles.failure} role="alert">
      <Icon name="alert" size="small" />
      {failure === null ? t('failed') : t('failedBecause', { reason: reasonText(failure) })}
      <button
        type="button"
        className={styles.link}
        tabIndex={tab}
        onClick={() => void client.resend(clientMessageId)}
      >
        {t('resend')}
      </button>
      <button
        type="button"
        className={styles.link}
        tabIndex={tab}
        onClick={() => void client.discard(clientMessageId)}
      >
        {t('discard')}
      </button>
    </p>
  );
}
