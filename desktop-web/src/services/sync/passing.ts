import type { Incoming } from '@/protocol/frames';
import type { ClientEvent } from '@/types/event';
import type { UserId } from '@/types/ids';

/** What a push tells the screen at once, because nothing of it is kept; null: nothing. */
export function passingEvent(push: Incoming, self: UserId): ClientEvent | null {
  switch (push.kind) {
    case 'typingEvent': {
      const { conversationId, userId } = push;
      return userId === self ? null : { type: 'typingStarted', conversationId, userId, at: Date.now() };
    }
    case 'joinEvent': {
      const { conversationId, userId, change } = push;
      return { type: 'joinRequestChanged', conversationId, userId, change };
    }
    default:
      return null;
  }
}
