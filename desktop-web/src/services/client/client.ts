import { createUuid } from '@/protocol/uuid';
import { Files } from '@/services/api/files';
import { webPushOf, type WebPush } from '@/services/notify/webPush';
import { SessionEnded } from '@/services/session/errors';
import type { Emit } from '@/types/event';
import type { FileInfo } from '@/types/file';
import type { Registration } from '@/types/generated/rest';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import { report } from '@/utils/report';
import { ACTIONS, NOTICES, type Actions, type Notices } from './actions';
import { ownAccountOf, type OwnAccount } from './ownAccount';
import { browser, type Surroundings } from './surroundings';
import { Tab } from './tab';

/** What the pages can do. Facts come back as events; a promise says only that an action was refused. */
export type Client = TabClient & Actions & Notices & OwnAccount & WebPush;

export function createClient(emit: Emit, surroundings: Surroundings = browser): Client {
  const tab = new Tab(emit, surroundings);
  const { api, http } = tab.accounts;
  const ownAccount = ownAccountOf(
    api,
    new Files(http),
    () => tab.accounts.current.account?.userId,
    (nickname, avatar) => tab.apply({ type: 'ownProfileChanged', nickname, avatar }),
  );
  const pushes = webPushOf(api);
  const own = { ...ownAccount, ...pushes };
  return Object.assign(new TabClient(tab, pushes), actionsOf(tab), noticesOf(tab), own);
}

/** What a tab does itself, apart from asking: accounts, its logs, and what it shows. */
class TabClient {
  private readonly files: Files;

  constructor(
    private readonly tab: Tab,
    private readonly pushes: WebPush,
  ) {
    this.files = new Files(tab.accounts.http);
  }

  /** Goes on where the last page stopped. */
  start(): void {
    this.tab.start();
  }

  /** This tab is the one that works for all tabs: what is to happen once in a browser happens here. */
  leads(): boolean {
    return this.tab.leads();
  }

  /** Rejects with ApiError. */
  signIn(username: string, password: string): Promise<void> {
    return this.tab.accounts.signIn(username, password);
  }

  /** Signs in without an account, for the world chat only. Rejects with ApiError. */
  enterAsGuest(): Promise<void> {
    return this.tab.accounts.enterAsGuest();
  }

  /** Makes an account and signs in with it. Rejects with ApiError. */
  register(registration: Registration): Promise<void> {
    return this.tab.accounts.register(registration);
  }

  /** The other devices are signed out. Rejects with ApiError. */
  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    // The server ends all sessions, and says why: this one goes before, so that nobody is told that they were signed out.
    await this.tab.ask('pause', []);
    try {
      await this.tab.accounts.changePassword(oldPassword, newPassword);
    } catch (error) {
      await this.tab.ask('connectAgain', []);
      throw error;
    }
  }

  /** Forgets what this device keeps of conversations, apart from what waits to be sent; what is shown is fetched anew. */
  clearHistory(): Promise<void> {
    return this.tab.ask('clearHistory', []);
  }

  /** In all tabs. What was typed and not sent is forgotten here. */
  signOut(): Promise<void> {
    return this.leave(true);
  }

  /** The sign-in expired: leads to a new one, in all tabs. The same user finds everything, also what was typed and not sent. */
  signInAgain(): Promise<void> {
    return this.leave(false);
  }

  /** What a file of a message is, and where it is for some minutes. Rejects with ApiError. */
  fileInfo(fileId: string): Promise<FileInfo> {
    return this.files.info(fileId);
  }

  /**
   * Opens a log at its end, or around `at`, from what this device holds or else from the server. Rejects with RequestError or ApiError
   * when the message cannot be seen, with SessionEnded when it is not held and there is no session.
   */
  async openLog(conversationId: ConversationId, at?: Seq): Promise<void> {
    this.tab.apply({ type: 'logOpened', page: await this.tab.ask('openLog', [conversationId, at]) });
  }

  /** The page before `before`. Without a session what is held, which may be nothing. */
  async loadOlder(conversationId: ConversationId, before: Seq): Promise<void> {
    const page = await this.tab.ask('loadOlder', [conversationId, before]).catch(ignoreOffline);
    if (page) this.tab.apply({ type: 'olderLoaded', page });
  }

  /** The page after `after`, likewise. */
  async loadNewer(conversationId: ConversationId, after: Seq): Promise<void> {
    const page = await this.tab.ask('loadNewer', [conversationId, after]).catch(ignoreOffline);
    if (page) this.tab.apply({ type: 'newerLoaded', page });
  }

  /** What replies on the screen answer. Without a session what is held, which may be nothing. */
  async loadQuotes(conversationId: ConversationId, seqs: readonly Seq[]): Promise<void> {
    const page = await this.tab.ask('loadQuotes', [conversationId, seqs]).catch(ignoreOffline);
    if (page) this.tab.apply({ type: 'quotesLoaded', page });
  }

  /** A conversation of everybody is on the screen; `unfollow` when it is no longer. */
  follow(conversationId: ConversationId): void {
    this.tab.show({ follows: [...this.others(conversationId), conversationId] });
  }

  unfollow(conversationId: ConversationId): void {
    this.tab.show({ follows: this.others(conversationId) });
  }

  /** The conversation that is on the visible screen of this tab; null: none, or nobody can see it. */
  attend(conversationId: ConversationId | null): void {
    this.tab.show({ watched: conversationId });
  }

  private async leave(chosen: boolean): Promise<void> {
    await this.pushes.unsubscribeFromPush();
    await this.tab.accounts.signOut(chosen);
  }

  private others(conversationId: ConversationId): readonly ConversationId[] {
    return this.tab.follows.filter((id) => id !== conversationId);
  }
}

/** What writes makes its client message id here: asked again in another tab, it is sent once. */
function writingOf(tab: Tab): Partial<Actions> {
  const newId = (): ClientMessageId => createUuid(Date.now());
  return {
    sendText: (conversationId, text, options = {}) => {
      const { id = newId() } = options;
      return tab.ask('sendText', [conversationId, text, { ...options, id }], id);
    },
    sendFile: (conversationId, file, options = {}) => {
      const { id = newId() } = options;
      return tab.ask('sendFile', [conversationId, file, { ...options, id }], id);
    },
    editMessage: (conversationId, seq, text, mentions, id = newId()) =>
      tab.ask('editMessage', [conversationId, seq, text, mentions, id], id),
    recallMessage: (conversationId, seq, id = newId()) =>
      tab.ask('recallMessage', [conversationId, seq, id], id),
    react: (conversationId, seq, reaction, remove, id = newId()) =>
      tab.ask('react', [conversationId, seq, reaction, remove, id], id),
  };
}

type Asking = (action: keyof Actions, args: readonly unknown[]) => Promise<unknown>;

function actionsOf(tab: Tab): Actions {
  const ask = tab.ask.bind(tab) as Asking;
  const names = Object.keys(ACTIONS) as (keyof Actions)[];
  const asking = names.map((name) => [name, (...args: readonly unknown[]) => ask(name, args)] as const);
  return { ...(Object.fromEntries(asking) as unknown as Actions), ...writingOf(tab) };
}

function noticesOf(tab: Tab): Notices {
  const ask = tab.ask.bind(tab) as unknown as (notice: string, args: readonly unknown[]) => Promise<unknown>;
  const tell =
    (name: string) =>
    (...args: readonly unknown[]) => {
      ask(name, args).catch((error: unknown) => {
        if (!(error instanceof SessionEnded)) report(`${name} was refused`, error);
      });
    };
  return Object.fromEntries(Object.keys(NOTICES).map((name) => [name, tell(name)])) as unknown as Notices;
}

/** Without a session there is nothing more to show than what is held. */
function ignoreOffline(error: unknown): null {
  if (error instanceof SessionEnded) return null;
  throw error;
}
