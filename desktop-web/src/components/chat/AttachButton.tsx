import { useRef, useState, type ChangeEvent } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';
import styles from './AttachButton.module.css';

interface AttachButtonProps {
  readonly conversationId: ConversationId;
}

/** Sends a file from this device; while it goes up, how far it got. */
export function AttachButton({ conversationId }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const { pending, run } = useAction();
  const [done, setDone] = useState(0);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file may be chosen again.
    event.target.value = '';
    if (!file) return;
    setDone(0);
    void run(() => client.sendFile(conversationId, file, setDone));
  };
  return (
    <>
      <input ref={input} className={styles.input} type="file" aria-label={t('attach')} onChange={choose} />
      {pending ? (
        <progress
          className={styles.progress}
          value={done}
          aria-label={t('uploading', { percent: Math.round(done * 100) })}
        />
      ) : (
        <IconButton icon="attach" label={t('attach')} onClick={() => input.current?.click()} />
      )}
    </>
  );
}
