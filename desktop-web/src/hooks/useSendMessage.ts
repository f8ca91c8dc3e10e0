import { useCallback } from 'react';
import { client } from '@/services/client';
import { useComposerStore } from '@/stores/composerStore';
import { useContactStore } from '@/stores/contactStore';
import type { ConversationId } from '@/types/ids';
import { editedMentions, mentionLabel, mentionsIn, type Mention } from '@/utils/mentions';
import { useAction } from './useAction';

/**
 * Sends what a composer holds: the new text of an edit, or its files, one message each, and the text after them. So they are shown; no
 * text waits for an upload, so it may be stored before them. An answer is the first of them. A refusal of a file is said in a toast.
 */
export function useSendMessage(
  conversationId: ConversationId,
): (text: string, mentions: readonly Mention[]) => void {
  const { run } = useAction();
  return useCallback(
    (text, mentions) => {
      const { targets, attachments, setTarget, clearAttachments } = useComposerStore.getState();
      const target = targets[conversationId];
      setTarget(conversationId, null);
      if (target?.kind === 'edit') {
        const { profiles } = useContactStore.getState();
        const called = editedMentions(target, text, mentions, (id) => mentionLabel(id, profiles[id]));
        if (text !== target.text) void client.editMessage(conversationId, target.seq, text, called);
        return;
      }
      let reply = target ? { replyToSeq: target.seq } : {};
      for (const { file } of attachments[conversationId] ?? []) {
        const options = reply;
        void run(() => client.sendFile(conversationId, file, options));
        reply = {};
      }
      clearAttachments(conversationId);
      if (text === '') return;
      const called = mentionsIn(text, mentions);
      const options = { ...reply, ...(called.length > 0 && { mentions: called }) };
      if (Object.keys(options).length > 0) void client.sendText(conversationId, text, options);
      else void client.sendText(conversationId, text);
    },
    [conversationId, run],
  );
}
