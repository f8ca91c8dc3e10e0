import { CloseCode, Code, mayReconnect, mayRetry } from '@/protocol/codes';
import type { Incoming } from '@/protocol/frames';
import type { Endpoint, OfflineReason } from '@/types/connection';
import { CredentialsExpired } from '@/utils/credentialsExpired';
import type { Transport, TransportListener } from '@/services/transport/transport';
import { Backoff } from './backoff';
import { RequestError, SessionEnded } from './errors';
import { Session, type Identity, type RoundTrip } from './session';

/** A session that lived this long was a real one: the next attempt starts with short waits again. Milliseconds. */
const PROVEN_AFTER_MS = 5_000;

/** Codes that say that the token is to blame. */
const TOKEN_CODES: ReadonlySet<Code> = new Set([
  Code.Unauthenticated,
  Code.TokenInvalid,
  Code.TokenExpired,
  Code.TokenRevoked,
]);

/** What the keeper is doing, for the banner. `retryAt` is milliseconds since 1970; 0: an attempt is under way. */
export type KeeperState =
  | { readonly phase: 'connecting' }
  | {
      readonly phase: 'waiting';
      readonly reason: OfflineReason;
      readonly attempt: number;
      readonly retryAt: number;
    }
  | { readonly phase: 'connected' }
  | { readonly phase: 'ended'; readonly code: CloseCode }
  | { readonly phase: 'expired' };

export interface KeeperListener {
  onState(state: KeeperState): void;
  /** A new session to work with: the first one, one after a loss, or the one that was moved to. */
  onSession(session: Session): void;
  onSessionLost(): void;
  onPush(push: Incoming): void;
  onMissed(): void;
  onRoundTrip(roundTrip: RoundTrip): void;
}

export interface Credentials {
  /** A token that is valid now; rejects with CredentialsExpired when there is none to be had. */
  token(): Promise<string>;
  /** A new token, after the server refused the present one. */
  renew(): Promise<string>;
}

export interface KeeperParts {
  readonly identity: Omit<Identity, 'token'>;
  readonly credentials: Credentials;
  /** The live access nodes, best first. */
  readonly endpoints: () => Promise<readonly Endpoint[]>;
  readonly connect: (endpoint: Endpoint, listener: TransportListener) => Promise<Transport>;
  readonly listener: KeeperListener;
  readonly backoff?: Backoff;
}

/**
 * Keeps one session alive: connects, connects again with backoff ([S6]), renews tokens, moves to another node at a drain
 * ([S7]), and stops when the server says that the user must act. The only layer that retries connections.
 */
export class SessionKeeper {
  private readonly backoff: Backoff;
  private current: Session | null = null;
  private openedAt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private attempting = false;
  private moving = false;
  /** Why there is no session, when there was one or an attempt at one. */
  private reason: OfflineReason = 'unreachable';

  constructor(private readonly parts: KeeperParts) {
    this.backoff = parts.backoff ?? new Backoff();
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.backoff.reset();
    this.parts.listener.onState({ phase: 'connecting' });
    void this.attempt();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.retryTimer);
    this.current?.close();
    this.current = null;
  }

  /** The network may be back, or the user asks: try now, and test the present path. */
  retryNow(): void {
    if (!this.running) return;
    if (this.current) return this.current.probe();
    clearTimeout(this.retryTimer);
    void this.attempt();
  }

  /** Measures the round trip of the present session, if there is one. */
  measure(): void {
    this.current?.measure();
  }

  private async attempt(): Promise<void> {
    // A move is an attempt as well, and goes on to one where it fails; a second session would end the first ([S8]).
    if (this.attempting || this.moving) return;
    this.attempting = true;
    if (this.backoff.attempt > 0) this.showWaiting(0);
    try {
      this.adopt(await this.open(null));
    } catch (error) {
      if (this.running) this.attemptFailed(error);
    } finally {
      this.attempting = false;
    }
  }

  private attemptFailed(error: unknown): void {
    if (error instanceof CredentialsExpired) return this.giveUp({ phase: 'expired' });
    if (error instanceof SessionEnded && !mayReconnect(error.code)) return this.lost(error.code);
    const isBusy =
      (error instanceof RequestError && mayRetry(error.code)) ||
      (error instanceof SessionEnded && error.code === CloseCode.Overloaded);
    this.retryLater(isBusy ? 'busy' : 'unreachable', error instanceof RequestError ? error.retryAfterMs : 0);
  }

  /** After a time by chance, but not before `atLeastMs`. */
  private retryLater(reason: OfflineReason, atLeastMs: number = 0): void {
    const delay = Math.max(this.backoff.next(), atLeastMs);
    this.reason = reason;
    this.showWaiting(Date.now() + delay);
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.attempt(), delay);
  }

  private showWaiting(retryAt: number): void {
    this.parts.listener.onState({
      phase: 'waiting',
      reason: navigator.onLine ? this.reason : 'noNetwork',
      attempt: this.backoff.attempt,
      retryAt,
    });
  }

  /** Opens a session on the best node; `avoid` comes last. A refused token is renewed once. */
  private async open(avoid: string | null): Promise<Session> {
    const nodes = [...(await this.parts.endpoints())].sort(
      (a, b) => Number(a.nodeId === avoid) - Number(b.nodeId === avoid),
    );
    const endpoint = nodes[this.moving ? 0 : this.backoff.attempt % Math.max(nodes.length, 1)];
    if (!endpoint) throw new SessionEnded('there is no access node');
    const token = await this.parts.credentials.token();
    try {
      return await this.authenticate(endpoint, token);
    } catch (error) {
      if (!(error instanceof RequestError && TOKEN_CODES.has(error.code))) throw error;
    }
    const renewed = await this.parts.credentials.renew();
    try {
      return await this.authenticate(endpoint, renewed);
    } catch (error) {
      const refused = error instanceof RequestError && TOKEN_CODES.has(error.code);
      throw refused ? new CredentialsExpired('a new token was refused', { cause: error }) : error;
    }
  }

  private authenticate(endpoint: Endpoint, token: string): Promise<Session> {
    const { identity, connect } = this.parts;
    return Session.open((transport) => connect(endpoint, transport), { ...identity, token });
  }

  private adopt(session: Session): void {
    if (!this.running) return session.close();
    const { listener } = this.parts;
    this.current = session;
    this.openedAt = Date.now();
    listener.onState({ phase: 'connected' });
    listener.onSession(session);
    const isCurrent = () => this.current === session;
    session.begin({
      onPush: (push) => listener.onPush(push),
      onMissed: () => isCurrent() && listener.onMissed(),
      onDrain: () => isCurrent() && void this.move(),
      onTokenExpiring: () => isCurrent() && void this.reauthenticate(),
      onRoundTrip: (roundTrip) => isCurrent() && listener.onRoundTrip(roundTrip),
      onEnded: (code) => isCurrent() && this.sessionEnded(code),
    });
  }

  private sessionEnded(code: CloseCode): void {
    this.current = null;
    // While moving, the new session is what ended this one ([S8]); `move` takes care of both outcomes.
    if (this.moving) return;
    this.parts.listener.onSessionLost();
    if (Date.now() - this.openedAt >= PROVEN_AFTER_MS) this.backoff.reset();
    this.lost(code);
  }

  private lost(code: CloseCode): void {
    if (code === CloseCode.TokenExpired || code === CloseCode.AuthenticationFailed)
      return this.giveUp({ phase: 'expired' });
    if (!mayReconnect(code)) return this.giveUp({ phase: 'ended', code });
    this.retryLater(code === CloseCode.Overloaded ? 'busy' : 'interrupted');
  }

  private giveUp(state: KeeperState): void {
    this.running = false;
    clearTimeout(this.retryTimer);
    this.parts.listener.onState(state);
  }

  /** [S7]: a session elsewhere first, then this one is left. If there is none, the present one is used to its end. */
  private async move(): Promise<void> {
    if (this.moving) return;
    this.moving = true;
    const old = this.current;
    try {
      const next = await this.open(old?.info.nodeId ?? null);
      this.moving = false;
      this.adopt(next);
      old?.close();
    } catch {
      this.moving = false;
      if (this.running && !this.current) {
        this.parts.listener.onSessionLost();
        this.retryLater('interrupted');
      }
    }
  }

  private async reauthenticate(): Promise<void> {
    try {
      const token = await this.parts.credentials.renew();
      await this.current?.request({ kind: 'reauth', token });
    } catch {
      // The server ends the session when its token has run out; the next attempt asks for a token again.
    }
  }
}
