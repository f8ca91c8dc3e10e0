import { Icon } from '@/components/common/Icon';
import { useNow } from '@/hooks/useNow';
import { usePauseStore } from '@/stores/pauseStore';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';
import styles from './SendingPause.module.css';

interface SendingPauseProps {
  readonly conversationId: ConversationId;
}

const STEP_MS = 500;

/** Says that more was written than the server takes at once, and when the rest goes out. Nothing is lost. */
export function SendingPause({ conversationId }: SendingPauseProps) {
  const until = usePauseStore((state) => state.pauses[conversationId] ?? 0);
  const now = useNow(STEP_MS, until > 0);
  const seconds = Math.ceil((until - now) / 1_000);
  return (
    <p className={styles.pause} role="status">
      {seconds > 0 && (
        <>
          <Icon name="refresh" size="small" />
          {t('sendingPaused', { seconds })}
        </>
      )}
    </p>
  );
}
