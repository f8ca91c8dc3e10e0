import { CloseCode } from '@/protocol/codes';
import { decode } from '@/protocol/decode';
import { encode } from '@/protocol/encode';
import type { AuthResponse, Incoming, Outgoing } from '@/protocol/frames';
import { CLOSE_NORMAL, type Transport, type TransportListener } from '@/services/transport/transport';
import { Calls } from './calls';
import { RequestTimeout, SessionEnded } from './errors';
import { PushCount } from './heartbeat';

/** How long a reply may take, milliseconds, unless the caller says otherwise. */
const REPLY_PATIENCE_MS = 10_000;

/** How long the server may take to answer a heartbeat before the path counts as dead. */
const HEARTBEAT_PATIENCE_MS = 10_000;

/** The same when there is a reason to doubt the path: someone waits for the verdict. */
const PROBE_PATIENCE_MS = 3_000;

/** The same when a request had to be repeated: a weaker reason, for a busy server looks alike and a slow network too. */
const REPEAT_PATIENCE_MS = 5_000;

/** How long the whole handshake may take: the server allows 5 s itself ([S1]). */
const HANDSHAKE_PATIENCE_MS = 6_000;

/** Pushes that may come in datagrams ([T5]). */
const EPHEMERAL: ReadonlySet<Incoming['kind']> = new Set(['typingEvent', 'presenceEvent']);

/** A request went there and back. Times are milliseconds. */
export interface RoundTrip {
  readonly ms: number;
  /** The server's clock somewhere between, since 1970. */
  readonly serverTime: number;
  /** This device's clock at the end, since 1970. */
  readonly receivedAt: number;
}

/** What a session tells its owner from `begin` on. `onEnded` comes once, and nothing after it. */
export interface SessionListener {
  onPush(push: Incoming): void;
  /** Something may have been missed ([S5], [R8]). */
  onMissed(): void;
  onDrain(withinMs: number): void;
  onTokenExpiring(): void;
  onRoundTrip(roundTrip: RoundTrip): void;
  onEnded(code: CloseCode): void;
}

/** A request under way that may be sent again with the same id. */
export interface Call {
  readonly reply: Promise<Incoming>;
  repeat(body: Outgoing): void;
}

/** Proof of a finished handshake: only `Session.open` makes one. */
export interface Identity {
  readonly token: string;
  readonly deviceId: string;
  readonly platform: Extract<Outgoing, { kind: 'authRequest' }>['platform'];
  readonly clientVersion: string;
}

/**
 * One authenticated connection: handshake, requests and replies, heartbeats, and the reason of its end. It owns its transport
 * and one timer; both end with it.
 */
export class Session {
  private readonly calls = new Calls();
  private readonly pushes = new PushCount();
  private listener: SessionListener | null = null;
  /** What came before there was a listener: the server may say the next thing in the same breath as the welcome. */
  private readonly held: Incoming[] = [];
  /** Why it ended, until the listener was told. */
  private untold: CloseCode | null = null;
  private transport: Transport | null = null;
  private heartbeatTimer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;
  private welcome: AuthResponse | null = null;
  /** Heartbeats under way. */
  private beats = 0;

  private constructor() {}

  /**
   * Opens a transport with `dial` and authenticates on it. Rejects with the transport's error, a RequestError when the
   * token is refused ([S3]), or SessionEnded; then nothing is left open. What it gives tells nothing until `begin`.
   */
  static async open(
    dial: (listener: TransportListener) => Promise<Transport>,
    identity: Identity,
  ): Promise<Session> {
    const session = new Session();
    const transport = await dial({
      onFrame: (frame) => session.onFrame(frame),
      onDatagram: (frame) => session.onDatagram(frame),
      onClosed: (code) => session.end(code),
    });
    await session.authenticate(transport, identity);
    return session;
  }

  /** Tells `listener` what came so far, its end too, and everything from now on. Called once. */
  begin(listener: SessionListener): void {
    this.listener = listener;
    for (const push of this.held.splice(0)) this.tellOf(push, listener);
    if (this.untold !== null) listener.onEnded(this.untold);
  }

  /** What the server said at the start. */
  get info(): AuthResponse {
    if (!this.welcome) throw new SessionEnded('not authenticated');
    return this.welcome;
  }

  get transportKind(): Transport['kind'] {
    return this.transport?.kind ?? 'webSocket';
  }

  /** Sends a request and waits for its reply. Rejects with RequestError, RequestTimeout or SessionEnded. */
  async request(body: Outgoing, patienceMs: number = REPLY_PATIENCE_MS): Promise<Incoming> {
    const requestId = this.calls.nextId();
    const reply = this.start(requestId, body);
    const timer = setTimeout(() => this.calls.fail(requestId, new RequestTimeout(body.kind)), patienceMs);
    try {
      return await reply;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Sends a request that may be repeated and waits without a limit, until the reply or the session's end. A repeat also asks for a
   * sign of life, so that what somebody wrote on a dead path does not wait for the next heartbeat.
   */
  call(body: Outgoing): Call {
    const requestId = this.calls.nextId();
    return {
      reply: this.start(requestId, body),
      repeat: (again) => {
        this.send(requestId, again);
        this.beatUnlessUnderWay(REPEAT_PATIENCE_MS);
      },
    };
  }

  /** Sends a request that has no reply. */
  tell(body: Outgoing): void {
    this.send(this.calls.nextId(), body);
  }

  /** Sends a frame that may be lost and has no reply: in a datagram where the transport has them ([T5]). */
  sendEphemeral(body: Extract<Outgoing, { kind: 'typing' }>): void {
    if (this.ended || !this.transport) return;
    const frame = encode(this.calls.nextId(), body);
    if (!this.transport.sendDatagram(frame)) this.transport.send(frame);
  }

  /** Asks for a sign of life now, for example when the network changed; without one the session ends soon. */
  probe(): void {
    if (!this.ended && this.welcome) this.beat(PROBE_PATIENCE_MS);
  }

  /** Measures the round trip now, unless that is under way. At most 5 times a second ([S10]). */
  measure(): void {
    this.beatUnlessUnderWay(HEARTBEAT_PATIENCE_MS);
  }

  /** Leaves. The listener is not told. */
  close(): void {
    if (this.ended) return;
    this.finish(CloseCode.None);
    this.transport?.close(CLOSE_NORMAL, 'leaving');
  }

  private async authenticate(transport: Transport, identity: Identity): Promise<void> {
    this.transport = transport;
    try {
      if (this.ended) throw new SessionEnded('closed before authentication');
      const reply = await this.request({ kind: 'authRequest', ...identity }, HANDSHAKE_PATIENCE_MS);
      if (reply.kind !== 'authResponse') throw new SessionEnded(`answered by ${reply.kind}`);
      this.welcome = reply;
    } catch (error) {
      this.close();
      throw error;
    }
    this.scheduleHeartbeat();
  }

  private start(requestId: number, body: Outgoing): Promise<Incoming> {
    if (this.ended) return Promise.reject(new SessionEnded('the session is over'));
    const reply = this.calls.reply(requestId);
    this.send(requestId, body);
    return reply;
  }

  private send(requestId: number, body: Outgoing): void {
    if (!this.ended) this.transport?.send(encode(requestId, body));
  }

  private onFrame(bytes: Uint8Array): void {
    if (this.ended) return;
    let frame;
    try {
      frame = decode(bytes);
    } catch {
      // The stream cannot be trusted any more; a new session starts from what is known ([R4]).
      this.transport?.close(CloseCode.ProtocolError, 'malformed frame');
      this.end(CloseCode.InternalError);
      return;
    }
    if (frame.requestId !== 0) this.calls.settle(frame);
    else this.onPush(frame.body);
  }

  /** [T5]: only what may come so; anything else, and what overtakes the welcome, means nothing. */
  private onDatagram(bytes: Uint8Array): void {
    if (this.ended || !this.welcome) return;
    try {
      const { requestId, body } = decode(bytes);
      if (requestId === 0 && EPHEMERAL.has(body.kind)) this.listener?.onPush(body);
    } catch {
      // A datagram of rubbish says nothing about the stream.
    }
  }

  private onPush(push: Incoming): void {
    this.pushes.pushReceived(push.kind);
    if (push.kind === 'kick') {
      // The last frame ([S6]); a browser often does not learn the close code itself.
      this.transport?.close(CLOSE_NORMAL, 'kicked');
      this.end(push.code);
    } else if (this.listener) this.tellOf(push, this.listener);
    else this.held.push(push);
  }

  private tellOf(push: Incoming, listener: SessionListener): void {
    switch (push.kind) {
      case 'drain':
        return listener.onDrain(push.withinMs);
      case 'tokenExpiring':
        return listener.onTokenExpiring();
      case 'syncHint':
        // About one conversation it only says that there is news to pull when it is shown ([S13]).
        return push.conversationId === null ? listener.onMissed() : listener.onPush(push);
      default:
        return listener.onPush(push);
    }
  }

  private scheduleHeartbeat(): void {
    clearTimeout(this.heartbeatTimer);
    if (this.ended) return;
    this.heartbeatTimer = setTimeout(() => this.beat(HEARTBEAT_PATIENCE_MS), this.info.heartbeatIntervalMs);
  }

  private beatUnlessUnderWay(patienceMs: number): void {
    if (!this.ended && this.welcome && this.beats === 0) this.beat(patienceMs);
  }

  /** [S4]: one heartbeat; without an answer in time the path is dead, whatever the transport believes. */
  private beat(patienceMs: number): void {
    clearTimeout(this.heartbeatTimer);
    const startedAt = performance.now();
    this.beats += 1;
    this.request({ kind: 'heartbeat', clientTime: Date.now() }, patienceMs).then(
      (ack) => {
        this.beats -= 1;
        if (ack.kind === 'heartbeatAck') {
          this.wentRound(startedAt, ack.serverTime);
          if (this.pushes.mustSync(ack.pushed)) this.listener?.onMissed();
        }
        this.scheduleHeartbeat();
      },
      (error: unknown) => {
        this.beats -= 1;
        if (!(error instanceof RequestTimeout)) return this.scheduleHeartbeat();
        this.transport?.close(CloseCode.HeartbeatTimeout, 'no answer to a heartbeat');
        this.end(CloseCode.HeartbeatTimeout);
      },
    );
  }

  private wentRound(startedAt: number, serverTime: number): void {
    this.listener?.onRoundTrip({ ms: performance.now() - startedAt, serverTime, receivedAt: Date.now() });
  }

  private end(code: number): void {
    if (this.ended) return;
    const reason = toCloseCode(code);
    this.finish(reason);
    if (this.listener) this.listener.onEnded(reason);
    else this.untold = reason;
  }

  private finish(reason: CloseCode): void {
    this.ended = true;
    clearTimeout(this.heartbeatTimer);
    this.calls.failAll(new SessionEnded('the session is over', reason));
  }
}

/** Codes outside the protocol, as of a broken connection, mean that the path failed. */
function toCloseCode(code: number): CloseCode {
  return code in CloseCode ? code : CloseCode.None;
}
