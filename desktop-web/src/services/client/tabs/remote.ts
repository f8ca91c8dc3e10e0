import type { SignIn } from '@/services/client/accounts';
import type { Emit } from '@/types/event';
import type { Calls } from './calls';
import type { TabBuild, TabChannel, TabId, TabMessage, TabView } from './channel';

export interface RemoteParts {
  readonly build: TabBuild;
  readonly channel: TabChannel;
  readonly calls: Calls;
  readonly emit: Emit;
  /** This tab can be known to others. */
  readonly ready: Promise<void>;
  /** The other tab goes by this sign-in, which may be later than that of this one. */
  readonly onSignIn: (signIn: SignIn) => void;
}

/** A tab that follows: it shows what the leading tab tells and asks it for everything. */
export class Remote {
  private leader: TabId | null = null;
  private closed = false;

  constructor(
    private readonly parts: RemoteParts,
    private signIn: SignIn,
    private view: TabView,
  ) {
    this.join();
  }

  changeSignIn(signIn: SignIn): void {
    this.signIn = signIn;
    this.join();
  }

  show(view: TabView): void {
    this.view = view;
    this.tellView();
  }

  receive(message: TabMessage, from: TabId): void {
    switch (message.kind) {
      case 'leads':
        return this.join();
      case 'welcome':
        return this.welcomed(message, from);
      case 'told':
        if (from === this.leader && message.signIn === this.signIn.id) this.parts.emit(message.event);
        return;
      case 'answered':
        return this.parts.calls.answered(message.id, message.outcome);
      default:
    }
  }

  /** This tab follows no longer. */
  close(): void {
    this.closed = true;
  }

  /** Without an answer nobody leads: who leads next says so. */
  private join(): void {
    const { build, calls, channel, ready } = this.parts;
    this.leader = null;
    calls.pause();
    void ready.then(() => this.closed || channel.post({ kind: 'hello', build }));
  }

  private welcomed({ signIn, events }: Extract<TabMessage, { kind: 'welcome' }>, leader: TabId): void {
    // Told twice because asked twice: what came since is not in it.
    if (leader === this.leader) return;
    if (signIn.id !== this.signIn.id) return this.parts.onSignIn(signIn);
    this.leader = leader;
    for (const event of events) this.parts.emit(event);
    this.tellView();
    this.parts.calls.moveTo((call) =>
      this.parts.channel.post({ kind: 'called', to: leader, signIn: this.signIn.id, call }),
    );
  }

  private tellView(): void {
    if (this.leader) this.parts.channel.post({ kind: 'viewChanged', to: this.leader, view: this.view });
  }
}
