import { golden } from '@/test/golden';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode, Code, Platform } from '@/protocol/codes';
import * as wire from '@/protocol/generated/im/message';
import {
  authResponseFrame,
  drainFrame,
  errorFrame,
  friendFrame,
  heartbeatAckFrame,
  kickFrame,
  makeEntry,
  pushFrame,
  syncFrame,
  syncHintFrame,
  typingFrame,
} from '@/test/serverFrames';
import { ServerEnd, settle } from '@/test/wire';
import type { ConversationId } from '@/types/ids';
import { RequestError, RequestTimeout, SessionEnded } from './errors';
import { Session, type SessionListener } from './session';

const IDENTITY = { token: 'token', deviceId: 'device', platform: Platform.Web, clientVersion: 'test' };
const SYNC = { kind: 'syncRequest', after: null, cursors: [], since: 0, entriesOnly: false } as const;
const TYPING = { kind: 'typing', conversationId: '7' as ConversationId } as const;

function makeListener() {
  return {
    onPush: vi.fn<SessionListener['onPush']>(),
    onMissed: vi.fn<SessionListener['onMissed']>(),
    onDrain: vi.fn<SessionListener['onDrain']>(),
    onTokenExpiring: vi.fn<SessionListener['onTokenExpiring']>(),
    onRoundTrip: vi.fn<SessionListener['onRoundTrip']>(),
    onEnded: vi.fn<SessionListener['onEnded']>(),
  };
}

function dial(server: ServerEnd): Promise<Session> {
  return Session.open((transport) => Promise.resolve(server.accept(transport)), IDENTITY);
}

async function openSession() {
  const server = new ServerEnd();
  const listener = makeListener();
  const opening = dial(server);
  await settle();
  const auth = server.take();
  server.send(authResponseFrame(auth.id));
  const session = await opening;
  session.begin(listener);
  return { server, listener, session, auth };
}

async function beat(server: ServerEnd, pushed: number) {
  await vi.advanceTimersByTimeAsync(30_000);
  server.send(heartbeatAckFrame(server.take().id, pushed));
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a session', () => {
  /** [S1] */
  it('authenticates with its first frame', async () => {
    const { auth, session } = await openSession();
    expect(auth.type).toBe(wire.Body.AuthRequest);
    expect(auth.body).toMatchObject({ token: 'token', deviceId: 'device', platform: Platform.Web });
    expect(session.info.nodeId).toBe('access-1');
  });

  /** [S3] */
  it('does not open when the token is refused, and leaves nothing behind', async () => {
    const server = new ServerEnd();
    const opening = dial(server);
    await settle();
    server.send(errorFrame(server.take().id, Code.TokenExpired));
    await expect(opening).rejects.toMatchObject({ code: Code.TokenExpired });
    expect(server.closedByClient).not.toBeNull();
  });

  it('says why it was kicked before it was authenticated', async () => {
    const server = new ServerEnd();
    const opening = dial(server);
    await settle();
    server.send(kickFrame(CloseCode.AuthenticationFailed));
    await expect(opening).rejects.toMatchObject({
      name: 'SessionEnded',
      code: CloseCode.AuthenticationFailed,
    });
  });

  it('does not wait for ever for the answer to its authentication', async () => {
    const server = new ServerEnd();
    const opening = dial(server);
    const refused = expect(opening).rejects.toBeInstanceOf(RequestTimeout);
    await vi.advanceTimersByTimeAsync(6_000);
    await refused;
  });

  /** The server may say more in the same breath: one chunk of a stream holds many frames. */
  it('keeps what comes with the welcome until there is a listener, its end too', async () => {
    const server = new ServerEnd();
    const listener = makeListener();
    const opening = dial(server);
    await settle();
    server.send(authResponseFrame(server.take().id));
    server.send(pushFrame([makeEntry('7', 1)]));
    server.send(drainFrame());
    server.send(kickFrame(CloseCode.GoingAway));
    (await opening).begin(listener);
    expect(listener.onPush).toHaveBeenCalledOnce();
    expect(listener.onDrain).toHaveBeenCalledOnce();
    expect(listener.onEnded).toHaveBeenCalledExactlyOnceWith(CloseCode.GoingAway);
  });

  /** [F6] */
  it('matches replies with requests by id, in any order', async () => {
    const { server, session } = await openSession();
    const first = session.request(SYNC);
    const second = session.request(SYNC);
    const [one, two] = [server.take(), server.take()];
    server.send(errorFrame(two.id, Code.RetryLater, 700));
    server.send(syncFrame(one.id, [], [makeEntry('7', 1)]));
    await expect(second).rejects.toEqual(new RequestError(Code.RetryLater, 'refused', 700));
    await expect(first).resolves.toMatchObject({ entries: [{ seq: 1 }] });
  });

  it('repeats a call under the same id and takes the first answer', async () => {
    const { server, session } = await openSession();
    const call = session.call(SYNC);
    call.repeat(SYNC);
    const [one, two] = [server.take(), server.take()];
    expect(two.id).toBe(one.id);
    server.send(syncFrame(one.id, [], []));
    server.send(errorFrame(one.id, Code.Internal));
    await expect(call.reply).resolves.toMatchObject({ kind: 'syncResponse' });
  });

  it('fails what waits when it ends', async () => {
    const { server, session, listener } = await openSession();
    const reply = session.request(SYNC);
    server.close(CloseCode.GoingAway);
    await expect(reply).rejects.toBeInstanceOf(SessionEnded);
    expect(listener.onEnded).toHaveBeenCalledExactlyOnceWith(CloseCode.GoingAway);
    await expect(session.request(SYNC)).rejects.toBeInstanceOf(SessionEnded);
  });

  /** [S6] */
  it('ends with the reason of its kick, once', async () => {
    const { server, listener } = await openSession();
    server.send(kickFrame(CloseCode.SignedInElsewhere));
    server.close(0);
    expect(listener.onEnded).toHaveBeenCalledExactlyOnceWith(CloseCode.SignedInElsewhere);
  });

  it('hands pushes on, and keeps drains and hints apart', async () => {
    const { server, listener } = await openSession();
    server.send(pushFrame([makeEntry('7', 1)]));
    server.send(drainFrame());
    server.send(syncHintFrame());
    expect(listener.onPush).toHaveBeenCalledOnce();
    expect(listener.onDrain).toHaveBeenCalledExactlyOnceWith(10_000);
    expect(listener.onMissed).toHaveBeenCalledOnce();
  });

  /** [S4] */
  it('beats in the interval that the server gave', async () => {
    const { server } = await openSession();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(server.waiting).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.take().type).toBe(wire.Body.Heartbeat);
  });

  it('tells how long a heartbeat took and what the clock of the server said', async () => {
    const { server, session, listener } = await openSession();
    session.measure();
    session.measure();
    expect(server.waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(40);
    server.send(heartbeatAckFrame(server.take().id, 0));
    await settle();
    expect(listener.onRoundTrip).toHaveBeenCalledExactlyOnceWith({
      ms: 40,
      serverTime: 1,
      receivedAt: Date.now(),
    });
    session.measure();
    expect(server.waiting).toBe(1);
  });

  /** A19 */
  it('ends within three seconds of a doubt that nothing answers', async () => {
    const { session, listener } = await openSession();
    session.probe();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(listener.onEnded).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(listener.onEnded).toHaveBeenCalledExactlyOnceWith(CloseCode.HeartbeatTimeout);
  });

  /** A19 */
  it('ends within five seconds of a repeat when the path is dead, long before the next heartbeat', async () => {
    const { session, listener } = await openSession();
    const call = session.call(SYNC);
    const reply = expect(call.reply).rejects.toMatchObject({ code: CloseCode.HeartbeatTimeout });
    call.repeat(SYNC);
    await vi.advanceTimersByTimeAsync(2_000);
    call.repeat(SYNC);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(listener.onEnded).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(listener.onEnded).toHaveBeenCalledExactlyOnceWith(CloseCode.HeartbeatTimeout);
    await reply;
  });

  it('lives on when only the answer to a repeated request is late', async () => {
    const { server, session, listener } = await openSession();
    const call = session.call(SYNC);
    call.repeat(SYNC);
    const [first] = [server.take(), server.take()];
    server.send(heartbeatAckFrame(server.take().id, 0));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(listener.onEnded).not.toHaveBeenCalled();
    server.send(syncFrame(first.id, [], []));
    await expect(call.reply).resolves.toMatchObject({ kind: 'syncResponse' });
  });

  it('ends when a heartbeat is not answered, though the transport says nothing', async () => {
    const { server, listener } = await openSession();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(listener.onEnded).toHaveBeenCalledExactlyOnceWith(CloseCode.HeartbeatTimeout);
    expect(server.closedByClient).toBe(CloseCode.HeartbeatTimeout);
  });

  /** [S5] */
  it('asks for a sync after two heartbeats in a row that show a missing push', async () => {
    const { server, listener } = await openSession();
    server.send(friendFrame('2'));
    await beat(server, 2);
    expect(listener.onMissed).not.toHaveBeenCalled();
    await beat(server, 2);
    expect(listener.onMissed).toHaveBeenCalledOnce();
    // The sync made up for it: the count is level again.
    await beat(server, 2);
    await beat(server, 2);
    expect(listener.onMissed).toHaveBeenCalledOnce();
  });

  /** [S5] */
  it('does not count drains, kicks, hints and what may be lost as pushes', async () => {
    const { server, listener } = await openSession();
    server.send(golden('typing-event'));
    server.send(golden('presence-event'));
    server.send(syncHintFrame());
    server.send(drainFrame());
    listener.onMissed.mockClear();
    await beat(server, 1);
    await beat(server, 1);
    expect(listener.onMissed).toHaveBeenCalledOnce();
  });

  /** [S5] */
  it('does not count what may be lost', async () => {
    const { server, listener } = await openSession();
    server.send(typingFrame());
    server.sendDatagram(typingFrame());
    expect(listener.onPush).toHaveBeenCalledTimes(2);
    await beat(server, 1);
    await beat(server, 1);
    expect(listener.onMissed).toHaveBeenCalledOnce();
  });

  /** [S13] */
  it('does not sync for a hint about one conversation, and hands it on', async () => {
    const { server, listener } = await openSession();
    server.send(syncHintFrame('7'));
    expect(listener.onMissed).not.toHaveBeenCalled();
    expect(listener.onPush).toHaveBeenCalledExactlyOnceWith({ kind: 'syncHint', conversationId: '7' });
  });

  /** A20, [T5] */
  it('sends what may be lost as a datagram, and in line where there are none', async () => {
    const { server, session } = await openSession();
    session.sendEphemeral(TYPING);
    expect(server.waiting).toBe(0);
    expect(server.takeDatagram().type).toBe(wire.Body.Typing);
    server.hasDatagrams = false;
    session.sendEphemeral(TYPING);
    expect(server.take().type).toBe(wire.Body.Typing);
  });

  /** [T5] */
  it('ignores datagrams that mean nothing', async () => {
    const { server, listener } = await openSession();
    server.sendDatagram(new Uint8Array(32));
    server.sendDatagram(pushFrame([makeEntry('7', 1)]));
    server.sendDatagram(kickFrame(CloseCode.GoingAway));
    server.sendDatagram(typingFrame(5));
    expect(listener.onPush).not.toHaveBeenCalled();
    expect(listener.onEnded).not.toHaveBeenCalled();
    expect(server.closedByClient).toBeNull();
  });

  /** [T5] */
  it('ignores a datagram that overtakes the answer to its authentication', async () => {
    const server = new ServerEnd();
    const listener = makeListener();
    const opening = dial(server);
    await settle();
    server.sendDatagram(typingFrame());
    server.send(authResponseFrame(server.take().id));
    (await opening).begin(listener);
    expect(listener.onPush).not.toHaveBeenCalled();
  });

  it('forgives a push that was only late', async () => {
    const { server, listener } = await openSession();
    await beat(server, 1);
    server.send(friendFrame('2'));
    await beat(server, 1);
    await beat(server, 2);
    expect(listener.onMissed).not.toHaveBeenCalled();
  });

  it('ends when the server sends what is no frame', async () => {
    const { server, listener } = await openSession();
    server.send(new Uint8Array(32));
    expect(listener.onEnded).toHaveBeenCalledOnce();
    expect(server.closedByClient).toBe(CloseCode.ProtocolError);
  });

  /** [F4] */
  it('goes on after a push that it does not know', async () => {
    const { server, listener, session } = await openSession();
    const body = new wire.SystemNotificationT(1n, 'title', 'text', 1n);
    const { serverFrame } = await import('@/test/serverFrames');
    server.send(serverFrame(0, wire.Body.SystemNotification, body));
    expect(listener.onEnded).not.toHaveBeenCalled();
    const reply = session.request(SYNC);
    server.send(syncFrame(server.take().id, [], []));
    await expect(reply).resolves.toBeDefined();
  });
});
