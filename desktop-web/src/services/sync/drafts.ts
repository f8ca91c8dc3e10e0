import { Setting } from '@/protocol/codes';
import type { ConversationState } from '@/protocol/frames';
import { SessionEnded } from '@/services/session/errors';
import type { Session } from '@/services/session/session';
import type { ConversationId } from '@/types/ids';
import type { Book } from './book';
import { reportUnlessEnded } from './reportUnlessEnded';
import { setForOneself } from './requests';

interface Untold {
  readonly text: string;
  /** When writing stopped, by this device's clock; milliseconds since 1970. */
  readonly at: number;
  /** The time of the draft that the server had then, as far as this device knew. */
  readonly before: number;
}

/** Tells other devices what was typed here and not sent, or that nothing is left of it: at once, or after the sync of the next session. */
export class Drafts {
  /** What no session carried yet: the last of each conversation. */
  private readonly untold = new Map<ConversationId, Untold>();
  private session: Pick<Session, 'request'> | null = null;

  constructor(
    private readonly book: Book,
    private readonly adopt: (state: ConversationState) => void,
  ) {}

  attach(session: Pick<Session, 'request'>): void {
    this.session = session;
  }

  detach(): void {
    this.session = null;
  }

  /** The user stops writing here for now. */
  save(conversationId: ConversationId, text: string): void {
    const log = this.book.get(conversationId);
    if (!log?.reportsDelivered) return;
    const { draft, draftAt } = log.conversation;
    const earlier = this.untold.get(conversationId);
    if (draft === text && !earlier) return;
    this.tell(conversationId, { text, at: Date.now(), before: earlier?.before ?? draftAt });
  }

  /** The states of the server are here: what could not be told is, except where another device wrote later. */
  tellAgain(): void {
    for (const [conversationId, untold] of [...this.untold]) {
      const { draft, draftAt } = this.book.get(conversationId)?.conversation ?? { draft: '', draftAt: 0 };
      const isOlder = draftAt !== untold.before && draftAt > untold.at;
      if (isOlder || draft === untold.text) this.untold.delete(conversationId);
      else this.tell(conversationId, untold);
    }
  }

  private tell(conversationId: ConversationId, untold: Untold): void {
    this.untold.set(conversationId, untold);
    if (!this.session) return;
    this.untold.delete(conversationId);
    setForOneself(this.session, conversationId, Setting.Draft, untold.at, untold.text).then(
      (state) => this.adopt(state),
      (error: unknown) => {
        const later = this.untold.get(conversationId);
        if (error instanceof SessionEnded && (later?.at ?? 0) <= untold.at)
          this.untold.set(conversationId, untold);
        reportUnlessEnded('a draft could not be kept', error);
      },
    );
  }
}
