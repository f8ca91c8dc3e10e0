import type { ClientEvent, Emit } from '@/types/event';
import type { ClientMessageId, ConversationId, UserId } from '@/types/ids';
import { Accounts, type SignIn } from './accounts';
import type { Work } from './actions';
import { Desk } from './desk';
import type { Surroundings } from './surroundings';
import { Calls } from './tabs/calls';
import {
  TabChannel,
  type Call,
  type Outcome,
  type TabBuild,
  type TabMessage,
  type TabView,
} from './tabs/channel';
import { toWire } from './tabs/failure';
import { Hub } from './tabs/hub';
import { Leadership } from './tabs/leadership';
import { Remote } from './tabs/remote';
import { stay, type TabLock } from './tabs/tabLock';
import type { Attention, Views } from './tabs/views';

/** A page that was loaded so lately is not loaded anew: while a deployment is under way, builds come in any order. Milliseconds. */
const SETTLED_MS = 60_000;

/**
 * One tab of the browser. It leads or follows: the one that leads has the workspace and tells the others everything through its hub; one
 * that follows gets it from there. What is asked for goes the same way in both.
 */
export class Tab {
  readonly accounts: Accounts;
  private readonly id = crypto.randomUUID();
  private readonly calls = new Calls();
  private readonly desk: Desk;
  private readonly channel: TabChannel;
  private readonly lock: TabLock;
  private leadership: Leadership;
  private hub: Hub | null = null;
  private remote: Remote | null = null;
  private view: TabView = { visible: false, watched: null, follows: [] };
  private attention: Attention | null = null;
  /** Whose data is on the screen. */
  private userId: UserId | undefined;

  constructor(
    private readonly emit: Emit,
    private readonly surroundings: Surroundings,
  ) {
    const { locks, local, openChannel, openWorkspace } = surroundings;
    this.leadership = new Leadership(locks);
    this.lock = stay(locks, this.id);
    this.channel = new TabChannel(this.id, (message, from) => this.receive(message, from), openChannel());
    this.accounts = new Accounts({
      local,
      locks,
      onChanged: (signIn, tokens) => {
        this.channel.post({ kind: 'signInChanged', signIn, tokens });
        this.changed(signIn);
      },
    });
    this.desk = new Desk(this.accounts, openWorkspace, (event) => this.tell(event));
  }

  /** Goes on where the last page stopped: signed in with local data at once, or signed out. */
  start(): void {
    this.surroundings.listen({
      onVisibility: (visible) => {
        this.show({ visible });
        // The tab that leads may be hidden, and listens to its own page only.
        if (visible && this.remote) this.ask('retryNow', []).catch(() => undefined);
      },
      onHidden: () => this.end(),
    });
    this.showSignIn();
    this.followOthers();
  }

  /** This tab has the workspace: what is to happen once in a browser happens here. */
  leads(): boolean {
    return this.hub !== null;
  }

  /** Asks whoever leads. `message`: the client message id of what it writes. */
  ask<Name extends keyof Work>(
    action: Name,
    args: Parameters<Work[Name]>,
    message?: ClientMessageId,
  ): Promise<Awaited<ReturnType<Work[Name]>>> {
    return this.calls.make(action, args, message) as Promise<Awaited<ReturnType<Work[Name]>>>;
  }

  /** What this tab has on its screen now. */
  show(change: Partial<TabView>): void {
    this.view = { ...this.view, ...change };
    this.hub?.show(this.view);
    this.remote?.show(this.view);
  }

  get follows(): readonly ConversationId[] {
    return this.view.follows;
  }

  /** Shows an event in this tab only. */
  apply(event: ClientEvent): void {
    this.calls.heard(event);
    if (event.type === 'ownProfileChanged') this.accounts.rename(event.nickname, event.avatar);
    this.emit(event);
  }

  /** The page goes: the next tab need not wait until the browser notices. */
  end(): void {
    this.leadership.resign();
    this.lock.leave();
    this.remote?.close();
    this.hub?.close();
    this.desk.close();
    this.channel.close();
  }

  private followOthers(): void {
    this.remote = new Remote(
      {
        build: this.surroundings.build,
        channel: this.channel,
        calls: this.calls,
        emit: (event) => this.apply(event),
        ready: this.lock.held,
        onSignIn: (signIn) => this.accounts.adopt(signIn) && this.changed(signIn),
        everySecond: this.surroundings.everySecond,
        onSilent: () => this.leadership.take(),
      },
      this.accounts.current,
      this.view,
    );
    void this.leadership.lead(() => this.stepDown()).then(() => this.lead());
  }

  private lead(): void {
    this.remote?.close();
    this.remote = null;
    this.attention = null;
    this.hub = new Hub(
      {
        self: this.id,
        channel: this.channel,
        locks: this.surroundings.locks,
        perform: (call) => this.perform(call),
        onAnswered: (call) => this.answered(call),
        onViews: (views) => this.viewsChanged(views),
      },
      this.accounts.current,
    );
    this.desk.open(this.accounts.current);
    this.hub.show(this.view);
    this.workHere();
  }

  /** The lead was taken away, from a tab that was frozen or busy for long. */
  private stepDown(): void {
    this.hub?.close();
    this.hub = null;
    this.desk.close();
    this.channel.post({ kind: 'steppedDown' });
    this.leadership = new Leadership(this.surroundings.locks);
    this.followOthers();
  }

  private workHere(): void {
    const { hub } = this;
    const { id } = this.accounts.current;
    this.calls.moveTo((call) => {
      void this.perform(call).then((outcome) => {
        // After another sign-in, or in another tab, it was asked again, or given up.
        if (hub !== this.hub || id !== this.accounts.current.id) return;
        this.calls.answered(call.id, outcome);
        this.answered(call);
      });
    });
  }

  /** What leaves this tab with a workspace of no use is mended here: who asked may be gone. */
  private answered({ action }: Call): void {
    if (action === 'clearHistory' && this.accounts.current.account) this.accounts.reopen();
  }

  private async perform(call: Call): Promise<Outcome> {
    try {
      return { result: await this.desk.perform(call) };
    } catch (error) {
      return { failure: toWire(error) };
    }
  }

  private tell(event: ClientEvent): void {
    this.apply(event);
    this.hub?.tell(event);
  }

  private viewsChanged(views: Views): void {
    this.desk.follow(views.follows);
    const { attention } = views;
    if (JSON.stringify(attention) === JSON.stringify(this.attention)) return;
    this.attention = attention;
    this.tell({ type: 'attentionChanged', ...attention });
  }

  private receive(message: TabMessage, from: string): void {
    if (message.kind === 'signInChanged') {
      if (this.accounts.adopt(message.signIn, message.tokens)) this.changed(message.signIn);
      return;
    }
    if (message.kind === 'hello') this.meet(message.build);
    this.hub?.receive(message, from);
    this.remote?.receive(message, from);
  }

  /**
   * A tab comes, perhaps of another build, though all have to be of one because they work together. An older tab that nobody sees is
   * loaded anew, also without a service worker; if it led, the next one does. Builds before this one do not say which they are.
   */
  private meet(other: TabBuild | undefined): void {
    const { build, reload } = this.surroundings;
    if (!other || other.entry === build.entry || other.loadedAt <= build.loadedAt) return;
    if (!this.view.visible && other.loadedAt - build.loadedAt > SETTLED_MS) reload();
    else this.apply({ type: 'updateFound' });
  }

  /** A new sign-in: nothing of what was is shown any more, and nothing of another user done. */
  private changed(signIn: SignIn): void {
    if (signIn.account?.userId !== this.userId) this.calls.end();
    this.showSignIn();
    this.remote?.changeSignIn(signIn);
    if (!this.hub) return;
    this.hub.changeSignIn(signIn);
    this.attention = null;
    this.desk.open(signIn);
    this.hub.show(this.view);
    this.workHere();
  }

  private showSignIn(): void {
    const { account, chosen } = this.accounts.current;
    this.userId = account?.userId;
    this.apply(account ? { type: 'signedIn', account } : { type: 'signedOut', ...(chosen && { chosen }) });
  }
}
