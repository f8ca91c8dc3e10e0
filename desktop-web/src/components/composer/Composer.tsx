import {
  useCallback,
  useEffect,
  useId,
  useRef,
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
} from 'react';
import { IconButton } from '@/components/common/IconButton';
import { useAutoHeight } from '@/hooks/useAutoHeight';
import { useComposerText } from '@/hooks/useComposerText';
import { useComposition } from '@/hooks/useComposition';
import { useFileDrop } from '@/hooks/useFileDrop';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useMentions, type Candidate } from '@/hooks/useMentions';
import { useSendMessage } from '@/hooks/useSendMessage';
import { MAX_FILE, MAX_MENTIONS, MAX_TEXT } from '@/protocol/limits';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useComposerStore } from '@/stores/composerStore';
import type { ConversationId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { lastOwnText } from '@/utils/lastOwn';
import { byteLength } from '@/utils/text';
import { t } from '@/utils/t';
import { AttachButton } from './AttachButton';
import { AttachmentStrip } from './AttachmentStrip';
import { ComposerTargetBar } from './ComposerTargetBar';
import { DropOverlay } from './DropOverlay';
import { EmojiButton } from './EmojiButton';
import { MentionList } from './MentionList';
import styles from './Composer.module.css';

const NO_FILES: readonly never[] = [];

interface ComposerProps {
  readonly conversationId: ConversationId;
  readonly offline: boolean;
  /** Whose chat it is, for the field's hint; empty: not said. */
  readonly name?: string;
}

/** Where a message is written: Enter sends, Shift+Enter makes a line; on touch Enter makes it. The draft stays with the conversation. */
export function Composer({ conversationId, offline, name = '' }: ComposerProps) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const self = useAccountStore((state) => state.account?.userId);
  const isGuest = useAccountStore((state) => state.account?.isGuest) ?? true;
  const target = useComposerStore((state) => state.targets[conversationId]);
  const attachments = useComposerStore((state) => state.attachments[conversationId]) ?? NO_FILES;
  const setTarget = useComposerStore((state) => state.setTarget);
  const attach = useComposerStore((state) => state.attach);
  const { text, mentions, change, leave } = useComposerText(conversationId, target);
  const composition = useComposition();
  // Its keyboard has no Shift+Enter.
  const isTouch = useMediaQuery('(hover: none)');
  const offers = useMentions(conversationId);
  const sendMessage = useSendMessage(conversationId);
  useAutoHeight(field, text);

  const isEdit = target?.kind === 'edit';
  const takesFiles = !isGuest && !isEdit;
  const files = isEdit ? NO_FILES : attachments;
  const excess = excessOf(text);
  const sendable =
    (text.trim() !== '' || files.length > 0) && excess <= 0 && files.every(({ file }) => isSendable(file));

  const takeFiles = useCallback(
    (chosen: readonly File[]) => {
      if (chosen.length > 0) attach(conversationId, chosen);
      field.current?.focus();
    },
    [attach, conversationId],
  );
  const isOver = useFileDrop(form, takesFiles ? takeFiles : null);

  // Writing goes on behind what stands there already.
  useEffect(() => {
    const length = field.current?.value.length ?? 0;
    field.current?.setSelectionRange(length, length);
  }, [isEdit]);

  // On touch the focus opens the keyboard: only where writing is meant.
  useEffect(() => {
    if (target || matchMedia('(hover: hover)').matches) field.current?.focus();
  }, [target]);

  const type = (value: string, caret: number) => {
    change(value);
    if (value !== '') client.typed(conversationId);
    // What an input method is still making is no name yet.
    if (!composition.isActive()) offers.look(value, caret);
  };
  const insert = (words: string, from?: number) => {
    const element = field.current;
    if (!element) return text;
    element.setRangeText(words, from ?? element.selectionStart, element.selectionEnd, 'end');
    element.focus();
    return element.value;
  };
  const pick = ({ userId, label }: Candidate) => {
    const others = mentions.filter((mention) => mention.userId !== userId || mention.label !== label);
    change(insert(`@${label} `, offers.query?.start), [...others, { userId, label }].slice(-MAX_MENTIONS));
    offers.look('', 0);
  };
  const paste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const { files: pasted, types } = event.clipboardData;
    // Office programs add a picture of what is text.
    if (!takesFiles || pasted.length === 0 || types.includes('text/plain')) return;
    event.preventDefault();
    takeFiles([...pasted]);
  };
  const send = () => {
    field.current?.focus();
    if (!sendable) return;
    if (!isEdit) change('', []);
    sendMessage(text.trim(), mentions);
    offers.look('', 0);
    leave();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const editLast = () => {
    const { logs, changes } = useChatStore.getState();
    const log = logs[conversationId];
    const last = log && self && lastOwnText(log.entries, changes[conversationId] ?? [], self);
    if (last)
      setTarget(conversationId, {
        kind: 'edit',
        seq: last.entry.seq,
        text: last.text,
        mentions: last.mentions,
      });
    return Boolean(last);
  };

  /** Whether the key has done something here. */
  const act = (key: string, shift: boolean): boolean => {
    const offered = offers.candidates[offers.active];
    if (offers.query && offered) {
      if (key === 'ArrowDown' || key === 'ArrowUp') offers.move(key === 'ArrowDown' ? 1 : -1);
      else if ((key === 'Enter' && !shift) || key === 'Tab') pick(offered);
      else if (key === 'Escape') offers.dismiss();
      else return false;
      return true;
    }
    if (key === 'Escape' && target) setTarget(conversationId, null);
    else if (key === 'Enter' && !shift && !isTouch) send();
    else if (key === 'ArrowUp' && !shift && text === '' && !target) return editLast();
    else return false;
    return true;
  };
  const keyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (composition.owns(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!act(event.key, event.shiftKey)) return;
    event.preventDefault();
    // A menu, the reply bar and the search are left one by one.
    event.stopPropagation();
  };

  return (
    <>
      {isOver && <DropOverlay name={name} />}
      <form ref={form} className={styles.wrap} onSubmit={submit}>
        {offers.query && (
          <MentionList
            id={`${id}-mentions`}
            candidates={offers.candidates}
            active={offers.active}
            onPick={pick}
          />
        )}
        <div className={styles.composer}>
          {target && (
            <ComposerTargetBar
              target={target}
              self={self}
              onCancel={() => {
                setTarget(conversationId, null);
                field.current?.focus();
              }}
            />
          )}
          <AttachmentStrip conversationId={conversationId} attachments={files} />
          <div className={styles.row}>
            {takesFiles && <AttachButton onFiles={takeFiles} />}
            <textarea
              ref={field}
              className={classes(styles.text, !takesFiles && styles.first)}
              aria-label={t('composer')}
              aria-describedby={excess > 0 ? `${id}-help` : undefined}
              aria-invalid={excess > 0}
              aria-autocomplete="list"
              aria-controls={offers.query ? `${id}-mentions` : undefined}
              aria-activedescendant={
                offers.query ? `${id}-mentions-${offers.candidates[offers.active]?.userId}` : undefined
              }
              placeholder={placeholder(offline, name)}
              title={isTouch ? undefined : t('composerHint')}
              rows={1}
              value={text}
              onChange={({ target: { value, selectionEnd } }) => type(value, selectionEnd)}
              onKeyDown={keyDown}
              onSelect={({ currentTarget: { value, selectionEnd } }) =>
                !composition.isActive() && offers.look(value, selectionEnd)
              }
              onCompositionStart={composition.start}
              onCompositionEnd={(event) => {
                composition.end(event);
                offers.look(event.currentTarget.value, event.currentTarget.selectionEnd);
              }}
              onPaste={paste}
              onBlur={leave}
            />
            <EmojiButton onPick={(emoji) => change(insert(emoji))} />
            <IconButton icon="send" label={t('send')} type="submit" accent disabled={!sendable} />
          </div>
        </div>
        {excess > 0 && (
          <p id={`${id}-help`} className={styles.excess} role="alert">
            {t('composerTooLong', { bytes: excess })}
          </p>
        )}
      </form>
    </>
  );
}

/** Bytes over the limit ([M7]); a text that is too short to reach it is not measured. */
function excessOf(text: string): number {
  return text.length * 3 <= MAX_TEXT ? 0 : byteLength(text.trim()) - MAX_TEXT;
}

function isSendable(file: File): boolean {
  return file.size > 0 && file.size <= MAX_FILE;
}

function placeholder(offline: boolean, name: string): string {
  if (offline) return t('composerOffline');
  return name ? t('composerPlaceholderTo', { name }) : t('composerPlaceholder');
}
