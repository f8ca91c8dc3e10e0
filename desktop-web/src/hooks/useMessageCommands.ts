import { useCopy } from './useCopy';
import { useFeedback } from './useFeedback';
import { useMemo } from 'react';
import { client } from '@/services/client';
import { useComposerStore } from '@/stores/composerStore';
import { useRecallStore } from '@/stores/recallStore';
import type { ConversationId } from '@/types/ids';
import { bodyText } from '@/utils/entryText';
import type { MessageRow } from '@/utils/logRows';
import { t } from '@/utils/t';

/** What a user does with a message of a log, by the mouse, the menu or the keyboard. */
export interface MessageCommands {
  readonly reply: (row: MessageRow) => void;
  readonly edit: (row: MessageRow) => void;
  readonly copy: (row: MessageRow) => void;
  /** Asks first. Takes back what is stored, and forgets what was not sent. */
  readonly remove: (row: MessageRow) => void;
  readonly react: (row: MessageRow, reaction: string, remove: boolean) => void;
}

export interface MessageRights {
  readonly canWrite: boolean;
  readonly canModerate: boolean;
}

export const canReply = (row: MessageRow, { canWrite }: MessageRights) => canWrite && row.seq !== null;

export const canEdit = (row: MessageRow, { canWrite }: MessageRights) =>
  canWrite && row.own && row.seq !== null && row.body.kind === 'text';

export const canRemove = (row: MessageRow, { canWrite, canModerate }: MessageRights) =>
  row.seq === null
    ? row.delivery === 'failed' || row.pending?.upload !== undefined
    : canWrite && (row.own || canModerate);

/** The same object as long as conversation and rights are the same. What is not allowed does nothing. */
export function useMessageCommands(conversationId: ConversationId, rights: MessageRights): MessageCommands {
  const { modal } = useFeedback();
  const copy = useCopy();
  const setTarget = useComposerStore((state) => state.setTarget);
  const keep = useRecallStore((state) => state.keep);
  const { canWrite, canModerate } = rights;
  return useMemo((): MessageCommands => {
    const allowed = { canWrite, canModerate };
    const recall = async (row: MessageRow) => {
      if (row.seq === null) return client.discard(row.key as Parameters<typeof client.discard>[0]);
      if (row.own && row.body.kind === 'text')
        keep(conversationId, row.seq, { text: row.body.text, mentions: row.mentions, at: Date.now() });
      return client.recallMessage(conversationId, row.seq);
    };
    return {
      reply: (row) => {
        if (row.seq === null || !canReply(row, allowed)) return;
        setTarget(conversationId, {
          kind: 'reply',
          seq: row.seq,
          senderId: row.senderId,
          text: bodyText(row.body),
        });
      },
      edit: (row) => {
        if (row.seq === null || !canEdit(row, allowed)) return;
        setTarget(conversationId, {
          kind: 'edit',
          seq: row.seq,
          text: bodyText(row.body),
          mentions: row.mentions,
        });
      },
      copy: (row) => void copy(bodyText(row.body), t('copied')),
      remove: (row) => {
        if (!canRemove(row, allowed)) return;
        const stored = row.seq !== null;
        modal.confirm({
          title: t(stored ? 'recallTitle' : 'discardTitle'),
          content: stored ? t('recallText') : null,
          okText: t(stored ? 'recall' : 'discard'),
          okButtonProps: { danger: true },
          cancelText: t('cancel'),
          icon: null,
          onOk: () => recall(row),
        });
      },
      react: (row, reaction, remove) => {
        if (row.seq !== null && canWrite) void client.react(conversationId, row.seq, reaction, remove);
      },
    };
  }, [conversationId, canWrite, canModerate, copy, modal, setTarget, keep]);
}
