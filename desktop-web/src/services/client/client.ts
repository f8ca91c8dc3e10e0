import { Setting } from '@/protocol/codes';
import type { ClientEvent, Emit } from '@/types/event';
import type { FileInfo } from '@/types/file';
import type { Registration } from '@/types/generated/rest';
import type { NewGroup } from '@/types/group';
import type { ClientMessageId, ConversationId, FriendRequestId, Seq, UserId } from '@/types/ids';
import type { Account, Profile } from '@/types/person';
import type { Receipts } from '@/types/receipts';
import { fileMessage } from '@/utils/fileMessage';
import { report } from '@/utils/report';
import { Api } from '@/services/api/api';
import { Files, type Progress } from '@/services/api/files';
import { Http } from '@/services/api/http';
import { TokenStore, type TokenPair } from '@/services/api/tokens';
import { SessionEnded } from '@/services/session/errors';
import type { TextOptions } from '@/services/sync/outgoingMessages';
import { Leadership } from './leadership';
import { Workspace } from './workspace';

const ACCOUNT_KEY = 'im-rs.account';

/** 9999-12-31, milliseconds since 1970: a mute that only the user ends. */
const FOR_EVER = 253_402_214_400_000;

/** What the pages can do. Facts come back as events; a promise says only that an action was refused. */
export class Client {
  private readonly tokens = new TokenStore();
  private readonly http = new Http(this.tokens);
  private readonly api = new Api(this.http);
  private readonly files = new Files(this.http);
  private readonly leadership: Leadership;
  private workspace: Workspace | null = null;
  /** A page may show it before there is a workspace, and another workspace may come while it does. */
  private readonly followed = new Set<ConversationId>();

  constructor(private readonly emit: Emit) {
    this.leadership = new Leadership(() => this.leadLost());
  }

  /** Goes on where the last page stopped: signed in with local data at once, or signed out. */
  async start(): Promise<void> {
    window.addEventListener('online', () => this.retryNow());
    window.addEventListener('offline', () => this.retryNow());
    // The page that is loaded in its place need not wait until this one is gone.
    window.addEventListener('pagehide', () => this.leadership.resign());
    window.addEventListener('pageshow', (event) => event.persisted && location.reload());
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
    const nickname = registration.nickname?.trim() || username;
    await this.api.register({ ...registration, username, nickname });
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

  async sendText(conversationId: ConversationId, text: string, options: TextOptions = {}): Promise<void> {
    await this.workspace?.engine.outgoing.send(conversationId, text, options);
  }

  /** Uploads a file and sends it: a picture as one, everything else as a file. Rejects with ApiError. */
  async sendFile(conversationId: ConversationId, file: File, onProgress: Progress): Promise<void> {
    const { outgoing } = this.signedIn().engine;
    const info = await this.files.upload(file, onProgress);
    const { type, text } = fileMessage(info);
    await outgoing.send(conversationId, text, { type });
  }

  /** What a file of a message is, and where it is for some minutes. Rejects with ApiError. */
  fileInfo(fileId: string): Promise<FileInfo> {
    return this.files.info(fileId);
  }

  /** Gives an own message another text. It shows at once; a refusal comes as an event. `mentions` are those of the new text. */
  async editMessage(
    conversationId: ConversationId,
    seq: Seq,
    text: string,
    mentions: readonly UserId[],
  ): Promise<void> {
    await this.workspace?.engine.outgoing.edit(conversationId, seq, text, mentions);
  }

  /** Takes a message back. */
  async recallMessage(conversationId: ConversationId, seq: Seq): Promise<void> {
    await this.workspace?.engine.outgoing.recall(conversationId, seq);
  }

  /** Puts a reaction to a message, or takes it off. */
  async react(conversationId: ConversationId, seq: Seq, reaction: string, remove: boolean): Promise<void> {
    await this.workspace?.engine.outgoing.react(conversationId, seq, reaction, remove);
  }

  async resend(id: ClientMessageId): Promise<void> {
    await this.workspace?.engine.outgoing.resend(id);
  }

  async discard(id: ClientMessageId): Promise<void> {
    await this.workspace?.engine.outgoing.discard(id);
  }

  /**
   * Opens a log at its end, or around `at`, from what this device holds or else from the server. Rejects with RequestError or ApiError
   * when the message cannot be seen, with SessionEnded when it is not held and there is no session.
   */
  async openLog(conversationId: ConversationId, at?: Seq): Promise<void> {
    await this.workspace?.openLog(conversationId, at);
  }

  /** The page before `before`. Without a session what is held, which may be nothing. */
  async loadOlder(conversationId: ConversationId, before: Seq): Promise<void> {
    await this.workspace?.loadOlder(conversationId, before).catch(ignoreOffline);
  }

  /** The page after `after`, likewise. */
  async loadNewer(conversationId: ConversationId, after: Seq): Promise<void> {
    await this.workspace?.loadNewer(conversationId, after).catch(ignoreOffline);
  }

  /** A conversation of everybody is on the screen; `unfollow` when it is no longer. */
  follow(conversationId: ConversationId): void {
    this.followed.add(conversationId);
    this.workspace?.engine.follow(conversationId);
  }

  unfollow(conversationId: ConversationId): void {
    this.followed.delete(conversationId);
    this.workspace?.engine.unfollow(conversationId);
  }

  /** Something was typed. */
  typed(conversationId: ConversationId): void {
    this.workspace?.engine.typed(conversationId);
  }

  /** The user stops writing here for now. */
  saveDraft(conversationId: ConversationId, text: string): void {
    this.workspace?.engine.saveDraft(conversationId, text);
  }

  /** Rejects with RequestError or SessionEnded. */
  pin(conversationId: ConversationId, pinned: boolean): Promise<void> {
    return this.signedIn().engine.set(conversationId, Setting.Pin, pinned ? Date.now() : 0);
  }

  /** Nothing notifies until the user takes it back. Rejects with RequestError or SessionEnded. */
  mute(conversationId: ConversationId, muted: boolean): Promise<void> {
    return this.signedIn().engine.set(conversationId, Setting.Mute, muted ? FOR_EVER : 0);
  }

  /** Rejects with RequestError or SessionEnded. */
  archive(conversationId: ConversationId, archived: boolean): Promise<void> {
    return this.signedIn().engine.set(conversationId, Setting.Archive, archived ? 1 : 0);
  }

  /** Out of the list until something comes after `seq`. Rejects with RequestError or SessionEnded. */
  hide(conversationId: ConversationId, seq: Seq): Promise<void> {
    return this.signedIn().engine.set(conversationId, Setting.Hide, seq);
  }

  /** Who has received and read an entry. Rejects with RequestError or SessionEnded. */
  async receipts(conversationId: ConversationId, seq: Seq): Promise<Receipts> {
    return this.signedIn().engine.receipts(conversationId, seq);
  }

  /** Rejects with ApiError, like everything about groups. */
  createGroup(group: NewGroup): Promise<ConversationId> {
    return this.signedIn().createGroup(group);
  }

  loadGroup(id: ConversationId): Promise<void> {
    return this.signedIn().groups.load(id);
  }

  renameGroup(id: ConversationId, name: string): Promise<void> {
    return this.signedIn().groups.rename(id, name);
  }

  inviteToGroup(id: ConversationId, userIds: readonly UserId[]): Promise<void> {
    return this.signedIn().groups.invite(id, userIds);
  }

  removeFromGroup(id: ConversationId, userId: UserId): Promise<void> {
    return this.signedIn().groups.remove(id, userId);
  }

  setGroupRole(id: ConversationId, userId: UserId, role: 'member' | 'admin'): Promise<void> {
    return this.signedIn().groups.setRole(id, userId, role);
  }

  transferGroup(id: ConversationId, userId: UserId): Promise<void> {
    return this.signedIn().groups.transfer(id, userId);
  }

  answerJoinRequest(id: ConversationId, userId: UserId, accept: boolean): Promise<void> {
    return this.signedIn().groups.answer(id, userId, accept);
  }

  leaveGroup(id: ConversationId): Promise<void> {
    const workspace = this.signedIn();
    return workspace.groups.leave(id, workspace.userId);
  }

  dissolveGroup(id: ConversationId): Promise<void> {
    return this.signedIn().groups.dissolve(id);
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
    for (const conversationId of this.followed) workspace.engine.follow(conversationId);
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
