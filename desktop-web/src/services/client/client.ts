import type { ClientEvent, Emit } from '@/types/event';
import type { ClientMessageId, ConversationId, FriendRequestId, Seq, UserId } from '@/types/ids';
import type { Account, Profile } from '@/types/person';
import { report } from '@/utils/report';
import { Api, type Registration } from '@/services/api/api';
import { Http } from '@/services/api/http';
import { TokenStore, type TokenPair } from '@/services/api/tokens';
import { SessionEnded } from '@/services/session/errors';
import { Leadership } from './leadership';
import { Workspace } from './workspace';

const ACCOUNT_KEY = 'im-rs.account';

/** What the pages can do. Facts come back as events; a promise says only that an action was refused. */
export class Client {
  private readonly tokens = new TokenStore();
  private readonly http = new Http(this.tokens);
  private readonly api = new Api(this.http);
  private readonly leadership: Leadership;
  private workspace: Workspace | null = null;

  constructor(private readonly emit: Emit) {
    this.leadership = new Leadership(() => this.leadLost());
  }

  /** Goes on where the last page stopped: signed in with local data at once, or signed out. */
  async start(): Promise<void> {
    window.addEventListener('online', () => this.retryNow());
    window.addEventListener('offline', () => this.retryNow());
    document.addEventListener(
      'visibilitychange',
      () => document.visibilityState === 'visible' && this.retryNow(),
    );
    const account = this.readAccount();
    if (account) await this.enter(account, false);
    else this.emit({ type: 'signedOut' });
  }

  /** Rejects with ApiError. */
  async signIn(username: string, password: string): Promise<void> {
    const pair = await this.api.login(username.trim().toLowerCase(), password, this.tokens.deviceId());
    await this.useTokens(pair, false);
  }

  /** Signs in without an account, for the world chat only. Rejects with ApiError. */
  async enterAsGuest(): Promise<void> {
    await this.useTokens(await this.api.enterAsGuest(this.tokens.deviceId()), true);
  }

  /** Makes an account and signs in with it. Rejects with ApiError. */
  async register(registration: Registration): Promise<void> {
    const username = registration.username.trim().toLowerCase();
    const nickname = registration.nickname.trim() || username;
    await this.api.register({ username, nickname, password: registration.password });
    await this.signIn(username, registration.password);
  }

  async signOut(): Promise<void> {
    const refreshToken = this.tokens.read()?.refreshToken;
    this.leave();
    if (refreshToken) {
      // The server forgets the token; if it cannot be reached, the token runs out by itself.
      await this.api
        .logout(refreshToken)
        .catch((error: unknown) => report('the server did not hear of the sign-out', error));
    }
    this.tokens.clear();
    localStorage.removeItem(ACCOUNT_KEY);
    this.emit({ type: 'signedOut' });
  }

  retryNow(): void {
    this.workspace?.retryNow();
  }

  /** After the server ended the session for a reason, the user wants it here again. */
  connectAgain(): void {
    this.workspace?.connect();
  }

  /** Takes the session over from another tab. */
  async useHere(): Promise<void> {
    await this.leadership.take();
    const account = this.readAccount();
    if (account) await this.enter(account, true);
  }

  async sendText(conversationId: ConversationId, text: string): Promise<void> {
    await this.workspace?.engine.outgoing.send(conversationId, text);
  }

  async resend(id: ClientMessageId): Promise<void> {
    await this.workspace?.engine.outgoing.resend(id);
  }

  async discard(id: ClientMessageId): Promise<void> {
    await this.workspace?.engine.outgoing.discard(id);
  }

  async openLog(conversationId: ConversationId): Promise<void> {
    await this.workspace?.engine.history.open(conversationId).catch(ignoreOffline);
  }

  async loadOlder(conversationId: ConversationId, before: Seq): Promise<void> {
    await this.workspace?.engine.history.loadOlder(conversationId, before).catch(ignoreOffline);
  }

  markRead(conversationId: ConversationId): void {
    this.workspace?.engine.markRead(conversationId);
  }

  /** Rejects with RequestError or SessionEnded. */
  async openConversation(peerId: UserId): Promise<ConversationId> {
    return this.signedIn().openConversation(peerId);
  }

  searchUsers(query: string): Promise<readonly Profile[]> {
    return this.signedIn().people.search(query);
  }

  requestFriend(userId: UserId, message: string): Promise<void> {
    return this.signedIn().people.request(userId, message);
  }

  acceptRequest(id: FriendRequestId): Promise<void> {
    return this.signedIn().people.accept(id);
  }

  rejectRequest(id: FriendRequestId): Promise<void> {
    return this.signedIn().people.reject(id);
  }

  removeFriend(friendId: UserId): Promise<void> {
    return this.signedIn().people.remove(friendId);
  }

  setRemark(friendId: UserId, remark: string): Promise<void> {
    return this.signedIn().people.setRemark(friendId, remark);
  }

  private async useTokens(pair: TokenPair, isGuest: boolean): Promise<void> {
    this.tokens.write(pair);
    const profile = await this.api.ownProfile();
    const account: Account = { userId: pair.userId, profile, isGuest };
    localStorage.setItem(ACCOUNT_KEY, JSON.stringify(account));
    await this.enter(account, true);
  }

  private async enter(account: Account, take: boolean): Promise<void> {
    this.workspace?.close();
    this.workspace = null;
    this.emit({ type: 'signedIn', account });
    if (take) await this.leadership.take();
    else if (!(await this.leadership.tryLead())) return this.showOpenElsewhere();
    const workspace = await Workspace.open({
      userId: account.userId,
      isGuest: account.isGuest,
      deviceId: this.tokens.deviceId(),
      api: this.api,
      credentials: { token: () => this.http.token(), renew: () => this.http.renew() },
      emit: (event: ClientEvent) => this.emit(event),
    });
    // In place before it shows anything, because what is shown is acted upon at once.
    this.workspace = workspace;
    await workspace.load();
    // Another tab may have taken the lead meanwhile.
    if (this.workspace === workspace) workspace.connect();
  }

  private leadLost(): void {
    this.workspace?.close();
    this.workspace = null;
    this.showOpenElsewhere();
  }

  private showOpenElsewhere(): void {
    this.emit({ type: 'connectionChanged', connection: { phase: 'openElsewhere' } });
  }

  private leave(): void {
    this.workspace?.close();
    this.workspace = null;
    this.leadership.resign();
  }

  private signedIn(): Workspace {
    if (!this.workspace) throw new SessionEnded('not signed in');
    return this.workspace;
  }

  private readAccount(): Account | null {
    const text = localStorage.getItem(ACCOUNT_KEY);
    if (text === null || !this.tokens.read()) return null;
    // An account that an earlier version kept says nothing of guests: there were none.
    return { isGuest: false, ...(JSON.parse(text) as Omit<Account, 'isGuest'>) };
  }
}

/** Without a session there is nothing more to show than what is held. */
function ignoreOffline(error: unknown): void {
  if (!(error instanceof SessionEnded)) throw error;
}
