import { EntryType } from '@/protocol/codes';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { useContactStore } from '@/stores/contactStore';
import { useNotificationStore } from '@/stores/notificationStore';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientEvent } from '@/types/event';
import { asConversationId, type ConversationId, type Seq } from '@/types/ids';
import { report } from '@/utils/report';
import { worthTelling, type Moment } from './decide';
import type { Display } from './display';
import { noticeOf } from './notice';

/**
 * Notifies of what arrives, once in a browser: only the tab that leads feeds it, after the stores. What is read, on whatever device, or
 * taken back has no notification any more.
 */
export class Notifier {
  private watched: readonly ConversationId[] = [];
  private readonly shown = new Map<ConversationId, Seq>();

  constructor(
    private readonly display: Display,
    private readonly playTone: () => void,
  ) {}

  apply(event: ClientEvent): void {
    switch (event.type) {
      case 'attentionChanged':
        this.watched = event.watched;
        return event.watched.forEach((id) => this.close(id));
      case 'entriesApplied':
        this.takenBack(event.conversation.id, event.entries);
        this.read([event.conversation]);
        return this.tell(event.conversation, event.entries);
      case 'conversationsChanged':
        return this.read(event.conversations);
      case 'synced':
        return this.sweep();
      case 'signedOut':
        [...this.shown.keys()].forEach((id) => this.close(id));
        return this.sweep();
      default:
    }
  }

  private tell(conversation: Conversation, entries: readonly Entry[]): void {
    const { desktop, sound, preview, permission, quietUntil } = useNotificationStore.getState();
    const account = useAccountStore.getState().account;
    const moment: Moment = {
      self: account?.userId,
      phase: useConnectionStore.getState().connection.phase,
      watched: this.watched,
      quietUntil,
      now: Date.now(),
    };
    const newest = worthTelling(conversation, entries, moment).at(-1);
    if (!newest) return;
    if (sound) this.playTone();
    if (!desktop || permission !== 'granted') return;
    const notice = noticeOf(conversation, newest, useContactStore.getState(), moment.self, preview);
    this.shown.set(conversation.id, newest.seq);
    this.display
      .show({ conversationId: conversation.id, seq: newest.seq, ...notice })
      .catch((error: unknown) => report('a notification could not be shown', error));
  }

  private takenBack(id: ConversationId, entries: readonly Entry[]): void {
    const seq = this.shown.get(id);
    if (entries.some(({ type, targetSeq }) => type === EntryType.Recall && targetSeq === seq)) this.close(id);
  }

  private read(conversations: readonly Conversation[]): void {
    for (const { id, readSeq } of conversations) {
      const seq = this.shown.get(id);
      if (seq !== undefined && readSeq >= seq) this.close(id);
    }
  }

  /** Also those that came as pushes, or from a page before this one. */
  private sweep(): void {
    const { conversations } = useChatStore.getState();
    const isSignedOut = useAccountStore.getState().account === null;
    this.display.targets().then(
      (targets) => {
        for (const { conversationId, seq } of targets) {
          const id = asConversationId(conversationId);
          if (isSignedOut || (conversations[id]?.readSeq ?? 0) >= seq) this.close(id);
        }
      },
      (error: unknown) => report('the notifications could not be read', error),
    );
  }

  private close(id: ConversationId): void {
    this.shown.delete(id);
    this.display.close(id).catch((error: unknown) => report('a notification could not be closed', error));
  }
}
