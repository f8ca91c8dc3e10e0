import type { SignIn } from '@/services/client/accounts';
import type { Emit } from '@/types/event';
import type { Calls } from './calls';
import type { TabBuild, TabChannel, TabId, TabMessage, TabView } from './channel';
import { Vigil, type VigilParts } from './vigil';

export interface RemoteParts {
  readonly build: TabBuild;
  readonly channel: TabChannel;
  readonly calls: Calls;
  readonly emit: Emit;
  /** This tab can be known to others. */
  readonly ready: Promise<void>;
  /** The other tab goes by this sign-in, which may be later than that of this one. */
  readonly onSignIn: (signIn: SignIn) => void;
  readonly everySecond: VigilParts['everySecond'];
  /** Somebody sees this tab, and nobody who leads answers. */
  readonly onSilent: () => void;
}

/** A tab that follows: it shows what the leading tab tells and asks it for everything. Ends with `close`. */
export class Remote {
  private leader: TabId | null = null;
  private readonly vigil: Vigil;
  private closed = false;

  constructor(
    private readonly parts: RemoteParts,
    private signIn: SignIn,
    private view: TabView,
  ) {
    const { everySecond, onSilent } = parts;
    this.vigil = new Vigil({ everySecond, onSilent, ask: () => this.greet() });
    this.join();
    this.vigil.watch(view.visible);
  }

  changeSignIn(signIn: SignIn): void {
    this.signIn = signIn;
    this.join();
  }

  show(view: TabView): void {
    this.view = view;
    this.vigil.watch(view.visible);
    this.tellView();
  }

  receive(message: TabMessage, from: TabId): void {
    switch (message.kind) {
      case 'leads':
        return this.join();
      case 'welcome':
        this.vigil.heard();
        return this.welcomed(message, from);
      case 'awake':
        if (from === this.leader) this.vigil.heard();
        return;
      case 'steppedDown':
        // It may have answered a hello that was for the one that leads now.
        if (from === this.leader) this.join();
        return;
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
    this.vigil.watch(false);
  }

  /** Without an answer nobody leads, and who leads next says so; or a frozen tab does, which the vigil finds out. */
  private join(): void {
    this.leader = null;
    this.parts.calls.pause();
    this.greet();
  }

  private greet(): void {
    const { build, channel, ready } = this.parts;
    this.vigil.asked();
    if (this.leader) return channel.post({ kind: 'checked', to: this.leader });
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
