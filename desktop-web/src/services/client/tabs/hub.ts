import type { SignIn } from '@/services/client/accounts';
import type { ClientEvent } from '@/types/event';
import { report } from '@/utils/report';
import type { Call, Outcome, TabChannel, TabId, TabMessage, TabView } from './channel';
import { Recap } from './recap';
import { whenGone } from './tabLock';
import { Views } from './views';

export interface HubParts {
  readonly self: TabId;
  readonly channel: TabChannel;
  readonly locks: LockManager | undefined;
  readonly perform: (call: Call) => Promise<Outcome>;
  /** The answer to a call is out. */
  readonly onAnswered: (call: Call) => void;
  /** What all tabs show together may be something else now. */
  readonly onViews: (views: Views) => void;
}

/**
 * What the leading tab does for the others: tells them every event in order, says to who joins how things are, and does what they ask
 * for. Each tab that it knows costs it a place in the queue for that tab's lock, until `close`.
 */
export class Hub {
  private recap = new Recap();
  private readonly views = new Views();
  private readonly known = new Set<TabId>();
  private readonly closed = new AbortController();

  constructor(
    private readonly parts: HubParts,
    private signIn: SignIn,
  ) {
    parts.channel.post({ kind: 'leads' });
  }

  /** Another user, or the same anew: what was is forgotten. */
  changeSignIn(signIn: SignIn): void {
    this.signIn = signIn;
    this.recap = new Recap();
    this.parts.channel.post({ kind: 'leads' });
  }

  tell(event: ClientEvent): void {
    this.recap.take(event);
    // A copy of everything for nobody would cost a single tab as much as its own work.
    if (this.known.size > 0) this.parts.channel.post({ kind: 'told', signIn: this.signIn.id, event });
  }

  /** What this tab itself shows. */
  show(view: TabView): void {
    this.views.set(this.parts.self, view);
    this.parts.onViews(this.views);
  }

  receive(message: TabMessage, from: TabId): void {
    switch (message.kind) {
      case 'hello':
        this.watch(from);
        return this.parts.channel.post({
          kind: 'welcome',
          to: from,
          signIn: this.signIn,
          events: this.recap.events(),
        });
      case 'checked':
        return this.parts.channel.post({ kind: 'awake', to: from });
      case 'viewChanged':
        this.watch(from);
        this.views.set(from, message.view);
        return this.parts.onViews(this.views);
      case 'called':
        void this.answer(from, message.signIn, message.call);
        return;
      default:
    }
  }

  close(): void {
    this.closed.abort();
  }

  private async answer(to: TabId, signIn: string, call: Call): Promise<void> {
    if (!this.isCurrent(signIn)) return;
    const outcome = await this.parts.perform(call);
    if (!this.isCurrent(signIn)) return;
    try {
      this.parts.channel.post({ kind: 'answered', to, id: call.id, outcome });
    } catch (error) {
      report(`${call.action} gives what cannot be copied`, error);
    }
    this.parts.onAnswered(call);
  }

  /** Else who asked hears of another leader or sign-in, and then asks again or gives up by itself. */
  private isCurrent(signIn: string): boolean {
    return signIn === this.signIn.id && !this.closed.signal.aborted;
  }

  private watch(tab: TabId): void {
    if (this.known.has(tab)) return;
    this.known.add(tab);
    void whenGone(this.parts.locks, tab, this.closed.signal).then(() => {
      this.known.delete(tab);
      this.views.delete(tab);
      this.parts.onViews(this.views);
    });
  }
}
