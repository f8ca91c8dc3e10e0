import type { Incoming } from '@/protocol/frames';

/** Heartbeats in a row that showed a missing push before the client must sync ([S5]). One may be a frame still on its way. */
const SUSPICIONS = 2;

/** Control frames, hints and what may be lost: the server does not count them as pushes ([S5]). */
const UNCOUNTED: ReadonlySet<Incoming['kind']> = new Set([
  'drain',
  'kick',
  'tokenExpiring',
  'syncHint',
  'typingEvent',
  'presenceEvent',
]);

/** Counts pushes and compares them with what the server says it addressed to this session ([S5]). Pure. */
export class PushCount {
  private received = 0;
  private behind = 0;

  pushReceived(kind: Incoming['kind']): void {
    if (!UNCOUNTED.has(kind)) this.received += 1;
  }

  /** Takes `HeartbeatAck.pushed`; true when pushes were lost and the client must sync. */
  mustSync(pushed: number): boolean {
    if (this.received >= pushed) {
      this.behind = 0;
      return false;
    }
    this.behind += 1;
    if (this.behind < SUSPICIONS) return false;
    // The sync makes up for what was lost, so the count starts level again.
    this.behind = 0;
    this.received = pushed;
    return true;
  }
}
