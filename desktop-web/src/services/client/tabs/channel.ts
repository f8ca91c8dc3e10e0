import type { ClientEvent } from '@/types/event';
import type { ConversationId } from '@/types/ids';
import type { TokenPair } from '@/services/api/tokens';
import type { Work } from '@/services/client/actions';
import type { SignIn } from '@/services/client/accounts';
import type { WireFailure } from './failure';

/** A page, from its start to its end. */
export type TabId = string;

/** Which build of the client a tab runs. */
export interface TabBuild {
  /** The script that the page was started by, as the service worker names its version. */
  readonly entry: string;
  /** Milliseconds since 1970: of two builds the one that was loaded later is the newer one. */
  readonly loadedAt: number;
}

/** What a tab has on its screen. */
export interface TabView {
  /** Somebody can see the tab. */
  readonly visible: boolean;
  /** The conversation that is on the visible screen. */
  readonly watched: ConversationId | null;
  /** Conversations of everybody that are on the screen, visible or not. */
  readonly follows: readonly ConversationId[];
}

/** Something that a tab asks of the one that leads. */
export interface Call {
  readonly id: string;
  readonly action: keyof Work;
  readonly args: readonly unknown[];
}

export type Outcome = { readonly result: unknown } | { readonly failure: WireFailure };

/** `signIn` is the id of the sign-in that something belongs to: nothing of one user reaches the screen of another. */
export type TabMessage =
  /** A tab that does not lead wants to know what there is. */
  | { readonly kind: 'hello'; readonly build: TabBuild }
  /** This tab leads, or leads somebody else: those that follow say hello. */
  | { readonly kind: 'leads' }
  /** The lead was taken from this tab: those that follow it say hello to whoever has it. */
  | { readonly kind: 'steppedDown' }
  /** A tab that follows makes sure that the one that leads is awake. */
  | { readonly kind: 'checked'; readonly to: TabId }
  | { readonly kind: 'awake'; readonly to: TabId }
  /** Everything so far, in the order in which it may be applied; what comes next is `told`. */
  | {
      readonly kind: 'welcome';
      readonly to: TabId;
      readonly signIn: SignIn;
      readonly events: readonly ClientEvent[];
    }
  | { readonly kind: 'told'; readonly signIn: string; readonly event: ClientEvent }
  | { readonly kind: 'viewChanged'; readonly to: TabId; readonly view: TabView }
  | { readonly kind: 'called'; readonly to: TabId; readonly signIn: string; readonly call: Call }
  | { readonly kind: 'answered'; readonly to: TabId; readonly id: string; readonly outcome: Outcome }
  /** Somebody signed in or out in a tab. */
  | { readonly kind: 'signInChanged'; readonly signIn: SignIn; readonly tokens: TokenPair | null };

type Envelope = TabMessage & { readonly from: TabId };

/** Where the tabs of a browser talk. From one tab messages come in order, and not to itself. */
export class TabChannel {
  private closed = false;

  constructor(
    private readonly self: TabId,
    onMessage: (message: TabMessage, from: TabId) => void,
    private readonly channel: BroadcastChannel,
  ) {
    channel.onmessage = ({ data }: MessageEvent<Envelope>) => {
      const { from, ...message } = data;
      if ('to' in message && message.to !== self) return;
      onMessage(message, from);
    };
  }

  /** Throws a DataCloneError when something in it cannot be copied. */
  post(message: TabMessage): void {
    // A page that is being left still hears that it is hidden.
    if (this.closed) return;
    this.channel.postMessage({ ...message, from: this.self });
  }

  close(): void {
    this.closed = true;
    this.channel.onmessage = null;
    this.channel.close();
  }
}
