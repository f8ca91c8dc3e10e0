import type { Entry } from './entry';
import type { ConversationId, Seq } from './ids';

/** Messages that others answer, as they are now, wherever they lie in the log. */
export interface QuotePage {
  readonly conversationId: ConversationId;
  readonly entries: readonly Entry[];
  /** Edits and recalls of these. */
  readonly about: readonly Entry[];
  /** Of what was asked for: it does not exist, or the user may not see it. What is in neither cannot be had without a session. */
  readonly absent: readonly Seq[];
}

/** What is known of the answered messages of a log. */
export interface Quotes {
  /** By seq, the last asked for at the end; null: it is not there. */
  readonly sources: ReadonlyMap<Seq, Entry | null>;
  /** Edits and recalls of these, ascending. */
  readonly changes: readonly Entry[];
}
