import { useId, type FormEvent, type KeyboardEvent } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { MAX_TEXT } from '@/protocol/limits';
import { client } from '@/services/client';
import { useDraftStore } from '@/stores/draftStore';
import type { ConversationId } from '@/types/ids';
import { byteLength } from '@/utils/text';
import { t } from '@/utils/t';
import styles from './Composer.module.css';

const MAX_ROWS = 6;

interface ComposerProps {
  readonly conversationId: ConversationId;
  readonly offline: boolean;
}

/** Where a message is written: Enter sends, Shift+Enter makes a line. The draft stays with the conversation. */
export function Composer({ conversationId, offline }: ComposerProps) {
  const help = useId();
  const text = useDraftStore((state) => state.drafts[conversationId]) ?? '';
  const setDraft = useDraftStore((state) => state.setDraft);
  const excess = byteLength(text.trim()) - MAX_TEXT;
  const sendable = text.trim() !== '' && excess <= 0;

  const send = () => {
    if (!sendable) return;
    setDraft(conversationId, '');
    void client.sendText(conversationId, text.trim());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const keyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, Enter chooses a candidate; Safari says so by key code 229 only.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229)
      return;
    event.preventDefault();
    send();
  };

  return (
    <form className={styles.wrap} onSubmit={submit}>
      <div className={styles.composer}>
        <textarea
          className={styles.text}
          aria-label={t('composer')}
          aria-describedby={excess > 0 ? help : undefined}
          aria-invalid={excess > 0}
          placeholder={t(offline ? 'composerOffline' : 'composerPlaceholder')}
          rows={Math.min(MAX_ROWS, text.split('\n').length)}
          value={text}
          onChange={(event) => setDraft(conversationId, event.target.value)}
          onKeyDown={keyDown}
          autoFocus={matchMedia('(hover: hover)').matches}
        />
        <IconButton icon="send" label={t('send')} type="submit" accent disabled={!sendable} />
      </div>
      {excess > 0 && (
        <p id={help} className={styles.excess} role="alert">
          {t('composerTooLong', { bytes: excess })}
        </p>
      )}
    </form>
  );
}
