import { Code } from '@/protocol/codes';
import { Api } from '@/services/api/api';
import { ApiError } from '@/services/api/apiError';
import { Http } from '@/services/api/http';
import { HeldTokens, TokenStore, type TokenPair } from '@/services/api/tokens';
import type { Registration } from '@/types/generated/rest';
import type { Account } from '@/types/person';
import { CredentialsExpired } from '@/utils/credentialsExpired';
import { report } from '@/utils/report';

const ACCOUNT_KEY = 'im-rs.account';

/** Who uses this browser, since when. All its tabs go by the latest. */
export interface SignIn {
  /** Of this sign-in; the same user has another one the next time. */
  readonly id: string;
  /** Milliseconds since 1970; 0: not known. */
  readonly at: number;
  /** Null: signed out. */
  readonly account: Account | null;
  /** Signed out because the user asked for it, and not only to sign in anew. */
  readonly chosen?: boolean;
}

/** As localStorage has it. What an earlier version kept says less: there were no guests, and no ids of sign-ins. */
type Kept = Account & { readonly signIn?: Omit<SignIn, 'account'> };

export interface AccountsParts {
  /** Where tokens and account are kept, for all tabs. */
  readonly local: globalThis.Storage;
  readonly locks: LockManager | undefined;
  /** In this tab somebody signed in or out. */
  readonly onChanged: (signIn: SignIn, tokens: TokenPair | null) => void;
}

/** Who is signed in, and how one becomes somebody else. The same in all tabs: what one changes the others `adopt`. */
export class Accounts {
  readonly http: Http;
  readonly api: Api;
  private readonly tokens: TokenStore;
  private signedIn: SignIn;

  constructor(private readonly parts: AccountsParts) {
    this.tokens = new TokenStore(parts.local);
    this.http = new Http(this.tokens, undefined, parts.locks);
    this.api = new Api(this.http);
    this.signedIn = this.read();
  }

  get current(): SignIn {
    return this.signedIn;
  }

  get deviceId(): string {
    return this.tokens.deviceId();
  }

  /** Rejects with ApiError. */
  async signIn(username: string, password: string): Promise<void> {
    const pair = await this.api.login(username.trim().toLowerCase(), password, this.deviceId);
    await this.begin(pair, false);
  }

  /** Signs in without an account, for the world chat only. Rejects with ApiError. */
  async enterAsGuest(): Promise<void> {
    await this.begin(await this.api.enterAsGuest(this.deviceId), true);
  }

  /** Makes an account and signs in with it. A guest keeps the id and what was said with it. Rejects with ApiError. */
  async register(registration: Registration): Promise<void> {
    const username = registration.username.trim().toLowerCase();
    const nickname = registration.nickname?.trim() || null;
    const upgraded = await this.upgrade({ ...registration, username, nickname });
    if (upgraded) return this.begin(upgraded, false);
    await this.api.register({ ...registration, username, nickname: nickname ?? username });
    await this.signIn(username, registration.password);
  }

  /** The other devices are signed out; this one goes on, in a new session. Rejects with ApiError. */
  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    const { account } = this.signedIn;
    const pair = await this.api.changePassword(oldPassword, newPassword);
    this.change({ id: crypto.randomUUID(), at: Date.now(), account }, pair);
  }

  /** Everything begins anew with what is on this device now, in all tabs. */
  reopen(): void {
    this.change(
      { id: crypto.randomUUID(), at: Date.now(), account: this.signedIn.account },
      this.tokens.read(),
    );
  }

  /** What the user is called and looks like now, for the next start of a page. */
  rename(nickname: string, avatar: string): void {
    const { account } = this.signedIn;
    if (!account) return;
    const renamed = { ...account, profile: { ...account.profile, nickname, avatar } };
    this.keep({ ...this.signedIn, account: renamed });
  }

  /** What was kept of the user stays on this device, for when they come back; where they `chose` to go, not what they were writing. */
  async signOut(chosen: boolean): Promise<void> {
    const pair = this.tokens.read();
    this.change({ id: '', at: Date.now(), account: null, chosen }, null);
    if (!pair) return;
    // The server forgets the token; if it cannot be reached, the token runs out by itself.
    await apiOf(pair)
      .logout(pair.refreshToken)
      .catch((error: unknown) => report('the server did not hear of the sign-out', error));
  }

  /** Takes over what another tab changed; false when this tab knows better. */
  adopt(signIn: SignIn, tokens?: TokenPair | null): boolean {
    if (!isLater(signIn, this.signedIn)) return false;
    this.keep(signIn, tokens);
    return true;
  }

  /** Null: there is no guest here, or one that the server has forgotten. */
  private async upgrade(registration: Registration): Promise<TokenPair | null> {
    if (!this.signedIn.account?.isGuest) return null;
    try {
      return await this.api.upgrade(registration);
    } catch (error) {
      const forgotten = error instanceof ApiError && error.code === Code.UserNotFound;
      if (forgotten || error instanceof CredentialsExpired) return null;
      throw error;
    }
  }

  private async begin(pair: TokenPair, isGuest: boolean): Promise<void> {
    const profile = await apiOf(pair).ownProfile();
    const account: Account = { userId: pair.userId, profile, isGuest };
    this.change({ id: crypto.randomUUID(), at: Date.now(), account }, pair);
  }

  private change(signIn: SignIn, tokens: TokenPair | null): void {
    // Two changes within a millisecond are still two.
    const later = { ...signIn, at: Math.max(signIn.at, this.signedIn.at + 1) };
    this.keep(later, tokens);
    this.parts.onChanged(later, tokens);
  }

  /** Another tab may not see in time what this one wrote to localStorage, hence it writes the same itself. */
  private keep(signIn: SignIn, tokens?: TokenPair | null): void {
    const { account, ...rest } = signIn;
    this.signedIn = signIn;
    if (tokens) this.tokens.write(tokens);
    else if (tokens === null || !account) this.tokens.clear();
    if (!account) return this.parts.local.removeItem(ACCOUNT_KEY);
    try {
      this.parts.local.setItem(ACCOUNT_KEY, JSON.stringify({ ...account, signIn: rest }));
    } catch (error) {
      // It holds as long as the page.
      report('localStorage refused the account', error);
    }
  }

  private read(): SignIn {
    const text = this.parts.local.getItem(ACCOUNT_KEY);
    const tokens = this.tokens.read();
    const nobody: SignIn = { id: '', at: 0, account: null };
    if (text === null || !tokens) return nobody;
    const { signIn, ...account } = JSON.parse(text) as Kept;
    // Of the last sign-in only one of them was kept.
    if (account.userId !== tokens.userId) return nobody;
    return { id: 'kept', at: 0, ...signIn, account: { ...account, isGuest: account.isGuest ?? false } };
  }
}

/** The routes for who is not signed in yet, or no longer. */
function apiOf(pair: TokenPair): Api {
  return new Api(new Http(new HeldTokens(pair)));
}

/** At the same time in two tabs: all tabs choose the same. */
function isLater(one: SignIn, other: SignIn): boolean {
  return one.at > other.at || (one.at === other.at && one.id > other.id);
}
