import { MAX_REACTION } from '@/protocol/limits';

/** What the menu of a message offers at once. */
export const QUICK_REACTIONS: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '😢'];

/** Whether the server takes it as a reaction ([C4]): some with several people and tones are too long. */
export function isReaction(emoji: string): boolean {
  return new TextEncoder().encode(emoji).length <= MAX_REACTION;
}
