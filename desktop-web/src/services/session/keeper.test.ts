import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode, Code, Platform } from '@/protocol/codes';
import { golden } from '@/test/golden';
import { authResponseFrame, drainFrame, errorFrame, friendFrame, kickFrame } from '@/test/serverFrames';
import { ServerEnd, settle } from '@/test/wire';
import type { Endpoint } from '@/types/connection';
import { CredentialsExpired } from '@/utils/credentialsExpired';
import { Backoff } from './backoff';
import { SessionKeeper, type KeeperListener, type KeeperState } from './keeper';

const node = (nodeId: string): Endpoint => ({
  nodeId,
  webTransport: null,
  webSocket: { url: `ws://${nodeId}` },
});

/** A keeper with its servers: each connection makes one. */
function makeKeeper() {
  const servers: { nodeId: string; end: ServerEnd }[] = [];
  const states: KeeperState[] = [];
  const listener = {
    onState: (state: KeeperState) => states.push(state),
    onSession: vi.fn<KeeperListener['onSession']>(),
    onSessionLost: vi.fn<KeeperListener['onSessionLost']>(),
    onPush: vi.fn<KeeperListener['onPush']>(),
    onMissed: vi.fn<KeeperListener['onMissed']>(),
    onRoundTrip: vi.fn<KeeperListener['onRoundTrip']>(),
  };
  const credentials = {
    token: vi.fn(() => Promise.resolve('token')),
    renew: vi.fn(() => Promise.resolve('renewed')),
  };
  const parts = { endpoints: [node('access-1'), node('access-2')], reachable: true };
  const keeper = new SessionKeeper({
    identity: { deviceId: 'device', platform: Platform.Web, clientVersion: 'test' },
    credentials,
    endpoints: () => Promise.resolve(parts.endpoints),
    connect: (endpoint, transport) => {
      if (!parts.reachable) return Promise.reject(new Error('unreachable'));
      const end = new ServerEnd();
      servers.push({ nodeId: endpoint.nodeId, end });
      return Promise.resolve(end.accept(transport));
    },
    listener,
    backoff: new Backoff(() => 1),
  });
  const server = (index: number) => {
    const found = servers.at(index);
    if (!found) throw new Error('no such connection');
    return found;
  };
  const welcome = async (index: number) => {
    await settle();
    const { end, nodeId } = server(index);
    end.send(authResponseFrame(end.take().id, { nodeId }));
    await settle();
    return end;
  };
  return { keeper, listener, credentials, parts, servers, states, server, welcome };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the session keeper', () => {
  it('connects to the best node', async () => {
    const { keeper, listener, states, server, welcome } = makeKeeper();
    keeper.start();
    await welcome(0);
    expect(server(0).nodeId).toBe('access-1');
    expect(listener.onSession).toHaveBeenCalledOnce();
    expect(states.at(-1)).toEqual({ phase: 'connected' });
  });

  /** [S7]: a node that drains says so in the same breath as its welcome. */
  it('moves on at once when the node that it came to drains', async () => {
    const { keeper, listener, server, welcome } = makeKeeper();
    keeper.start();
    await settle();
    const { end } = server(0);
    end.send(authResponseFrame(end.take().id, { nodeId: 'access-1' }));
    end.send(drainFrame());
    await welcome(1);
    expect(server(1).nodeId).toBe('access-2');
    expect(listener.onSession).toHaveBeenCalledTimes(2);
    expect(end.closedByClient).not.toBeNull();
  });

  it('connects again when the session ends with its welcome', async () => {
    const { keeper, listener, states, server, welcome } = makeKeeper();
    keeper.start();
    await settle();
    const { end } = server(0);
    end.send(authResponseFrame(end.take().id, { nodeId: 'access-1' }));
    end.send(kickFrame(CloseCode.GoingAway));
    await settle();
    expect(listener.onSessionLost).toHaveBeenCalledOnce();
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', reason: 'interrupted' });
    keeper.retryNow();
    await welcome(1);
    expect(states.at(-1)).toEqual({ phase: 'connected' });
  });

  it('renews a token that expires as the session begins', async () => {
    const { keeper, credentials, server } = makeKeeper();
    keeper.start();
    await settle();
    const { end } = server(0);
    end.send(authResponseFrame(end.take().id, { nodeId: 'access-1' }));
    end.send(golden('token-expiring'));
    await settle();
    expect(credentials.renew).toHaveBeenCalledOnce();
  });

  /** [S6] */
  it('connects again after a loss, with waits that double', async () => {
    const { keeper, listener, parts, states, servers, welcome } = makeKeeper();
    keeper.start();
    const end = await welcome(0);
    parts.reachable = false;
    end.close(CloseCode.GoingAway);
    expect(listener.onSessionLost).toHaveBeenCalledOnce();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const state = states.at(-1);
      if (state?.phase !== 'waiting') throw new Error(state?.phase);
      waits.push(state.retryAt - Date.now());
      await vi.advanceTimersByTimeAsync(state.retryAt - Date.now());
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    parts.reachable = true;
    keeper.retryNow();
    await welcome(1);
    expect(servers).toHaveLength(2);
    expect(listener.onSession).toHaveBeenCalledTimes(2);
  });

  it('tries another node after one failed', async () => {
    const { keeper, server, welcome } = makeKeeper();
    keeper.start();
    (await welcome(0)).close(0);
    await vi.advanceTimersByTimeAsync(500);
    await settle();
    expect(server(1).nodeId).toBe('access-2');
  });

  /** [S6]: from 4500 the user must act. */
  it('does not connect again by itself after a newer sign-in, but does when asked', async () => {
    const { keeper, states, servers, welcome } = makeKeeper();
    keeper.start();
    (await welcome(0)).send(kickFrame(CloseCode.SignedInElsewhere));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(states.at(-1)).toEqual({ phase: 'ended', code: CloseCode.SignedInElsewhere });
    keeper.retryNow();
    await settle();
    expect(servers).toHaveLength(1);
    keeper.start();
    await welcome(1);
    expect(states.at(-1)).toEqual({ phase: 'connected' });
  });

  it('renews a token that the server refuses, once', async () => {
    const { keeper, credentials, states, server, welcome } = makeKeeper();
    keeper.start();
    await settle();
    const refused = server(0).end;
    refused.send(errorFrame(refused.take().id, Code.TokenExpired));
    const end = await welcome(1);
    expect(credentials.renew).toHaveBeenCalledOnce();
    expect(end.closedByClient).toBeNull();
    expect(states.at(-1)).toEqual({ phase: 'connected' });
  });

  it('gives up when there is no token to be had', async () => {
    const { keeper, credentials, states } = makeKeeper();
    credentials.token.mockRejectedValue(new CredentialsExpired('none'));
    keeper.start();
    await settle();
    expect(states.at(-1)).toEqual({ phase: 'expired' });
  });

  it('gives up when a new token is refused as well', async () => {
    const { keeper, states, server } = makeKeeper();
    keeper.start();
    for (const index of [0, 1]) {
      await settle();
      const { end } = server(index);
      end.send(errorFrame(end.take().id, Code.TokenInvalid));
    }
    await settle();
    expect(states.at(-1)).toEqual({ phase: 'expired' });
  });

  /** [S7], [S8] */
  it('moves to another node at a drain and leaves the old one only then', async () => {
    const { keeper, listener, states, server, welcome } = makeKeeper();
    keeper.start();
    const old = await welcome(0);
    old.send(drainFrame());
    await settle();
    expect(server(1).nodeId).toBe('access-2');
    expect(old.closedByClient).toBeNull();
    // The new session ends the old one, which is no reason to stop.
    old.send(kickFrame(CloseCode.SignedInElsewhere));
    const next = await welcome(1);
    expect(listener.onSession).toHaveBeenCalledTimes(2);
    expect(listener.onSessionLost).not.toHaveBeenCalled();
    expect(states.at(-1)).toEqual({ phase: 'connected' });
    next.send(friendFrame('2'));
    expect(listener.onPush).toHaveBeenCalledOnce();
  });

  it('stays to the end where a drain finds no other node, then connects again', async () => {
    const { keeper, listener, parts, states, welcome } = makeKeeper();
    keeper.start();
    const old = await welcome(0);
    parts.reachable = false;
    old.send(drainFrame());
    await settle();
    expect(old.closedByClient).toBeNull();
    old.send(kickFrame(CloseCode.GoingAway));
    expect(listener.onSessionLost).toHaveBeenCalledOnce();
    expect(states.at(-1)).toMatchObject({ phase: 'waiting' });
  });

  /** [S8]: a second session would end the first. */
  it('opens one session when it is asked to try during a move, and goes on when that fails', async () => {
    const { keeper, listener, states, servers, server, welcome } = makeKeeper();
    keeper.start();
    const old = await welcome(0);
    old.send(drainFrame());
    await settle();
    old.send(kickFrame(CloseCode.GoingAway));
    keeper.retryNow();
    await settle();
    expect(servers).toHaveLength(2);
    server(1).end.close(CloseCode.None);
    await settle();
    expect(listener.onSessionLost).toHaveBeenCalledOnce();
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', reason: 'interrupted' });
    keeper.retryNow();
    await welcome(2);
    expect(states.at(-1)).toEqual({ phase: 'connected' });
  });

  it.each([
    ['interrupted', true, CloseCode.None],
    ['busy', true, CloseCode.Overloaded],
    ['noNetwork', false, CloseCode.None],
  ] as const)('says why there is no session: %s', async (reason, onLine, code) => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(onLine);
    const { keeper, states, welcome } = makeKeeper();
    keeper.start();
    (await welcome(0)).close(code);
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', reason, attempt: 1 });
  });

  it('says that the server cannot be reached, and that an attempt is under way', async () => {
    const { keeper, parts, states } = makeKeeper();
    parts.reachable = false;
    keeper.start();
    await settle();
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', reason: 'unreachable', attempt: 1 });
    parts.reachable = true;
    keeper.retryNow();
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', retryAt: 0 });
  });

  /** [S14] */
  it('comes back no earlier than a busy server asked for', async () => {
    const { keeper, states, server } = makeKeeper();
    keeper.start();
    await settle();
    const { end } = server(0);
    end.send(errorFrame(end.take().id, Code.RetryLater, 7_000));
    await settle();
    expect(states.at(-1)).toEqual({
      phase: 'waiting',
      reason: 'busy',
      attempt: 1,
      retryAt: Date.now() + 7_000,
    });
  });

  it('renews the token on the session when it is about to expire', async () => {
    const { keeper, credentials, welcome } = makeKeeper();
    keeper.start();
    const end = await welcome(0);
    const { serverFrame } = await import('@/test/serverFrames');
    const wire = await import('@/protocol/generated/im/message');
    end.send(serverFrame(0, wire.Body.TokenExpiring, new wire.TokenExpiringT(1n)));
    await settle();
    expect(credentials.renew).toHaveBeenCalledOnce();
    expect(end.take().type).toBe(wire.Body.Reauth);
  });

  it('does nothing any more once it is stopped', async () => {
    const { keeper, servers, welcome } = makeKeeper();
    keeper.start();
    const end = await welcome(0);
    keeper.stop();
    expect(end.closedByClient).not.toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(servers).toHaveLength(1);
  });
});
