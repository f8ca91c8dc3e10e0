import { useCallback, useEffect, useId, useRef, type FormEvent, type KeyboardEvent } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { MAX_TEXT } from '@/protocol/limits';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useComposerStore } from '@/stores/composerStore';
import { useDraftStore } from '@/stores/draftStore';
import type { ConversationId } from '@/types/ids';
import { byteLength } from '@/utils/text';
import { t } from '@/utils/t';
import { AttachButton } from './AttachButton';
import { ComposerTargetBar } from './ComposerTargetBar';
import styles from './Composer.module.css';

const MAX_ROWS = 6;

interface ComposerProps {
  readonly conversationId: ConversationId;
  readonly offline: boolean;
}

/** Where a message is written: Enter sends, Shift+Enter makes a line. The draft stays with the conversation. */
export function Composer({ conversationId, offline }: ComposerProps) {
  const help = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const self = useAccountStore((state) => state.account?.userId);
  const isGuest = useAccountStore((state) => state.account?.isGuest) ?? true;
  const text = useDraftStore((state) => state.drafts[conversationId]) ?? '';
  const setDraft = useDraftStore((state) => state.setDraft);
  const target = useComposerStore((state) => state.targets[conversationId]);
  const setTarget = useComposerStore((state) => state.setTarget);
  const excess = byteLength(text.trim()) - MAX_TEXT;
  const sendable = text.trim() !== '' && excess <= 0;

  useEffect(() => {
    if (target) field.current?.focus();
  }, [target]);

  // Another device goes on where this one is left; the text of an edit is no draft.
  const leave = useCallback(() => {
    const editing = useComposerStore.getState().targets[conversationId]?.kind === 'edit';
    if (!editing) client.saveDraft(conversationId, useDraftStore.getState().drafts[conversationId] ?? '');
  }, [conversationId]);
  useEffect(() => leave, [leave]);

  const endTarget = () => {
    setDraft(conversationId, target?.kind === 'edit' ? target.draft : text);
    setTarget(conversationId, null);
  };
  const send = () => {
    if (!sendable) return;
    const wanted = text.trim();
    setTarget(conversationId, null);
    setDraft(conversationId, target?.kind === 'edit' ? target.draft : '');
    if (target?.kind === 'edit') {
      if (wanted !== target.text)
        void client.editMessage(conversationId, target.seq, wanted, target.mentions);
    } else if (target) void client.sendText(conversationId, wanted, { replyToSeq: target.seq });
    else void client.sendText(conversationId, wanted);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const type = (value: string) => {
    setDraft(conversationId, value);
    if (value !== '') client.typed(conversationId);
  };
  const keyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, Enter chooses a candidate; Safari says so by key code 229 only.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape' && target) return endTarget();
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    send();
  };

  return (
    <form className={styles.wrap} onSubmit={submit}>
      {target && <ComposerTargetBar target={target} self={self} onCancel={endTarget} />}
      <div className={styles.composer}>
        {!isGuest && <AttachButton conversationId={conversationId} />}
        <textarea
          ref={field}
          className={styles.text}
          aria-label={t('composer')}
          aria-describedby={excess > 0 ? help : undefined}
          aria-invalid={excess > 0}
          placeholder={t(offline ? 'composerOffline' : 'composerPlaceholder')}
          rows={Math.min(MAX_ROWS, text.split('\n').length)}
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={keyDown}
          onBlur={leave}
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
