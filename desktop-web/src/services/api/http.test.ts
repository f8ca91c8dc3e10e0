import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { asUserId } from '@/types/ids';
import { CredentialsExpired } from '@/utils/credentialsExpired';
import { Http } from './http';
import { TokenStore, type TokenPair } from './tokens';

const DAY = 24 * 60 * 60_000;
const pair = (name: string, expiresIn: number = DAY): TokenPair => ({
  userId: asUserId('1'),
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  expiresAt: Date.now() + expiresIn,
});

const answer = (status: number, code: number, data: unknown = null, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code, message: 'text', data }), { status, headers });

/** A server in a function: paths and tokens of the calls are kept. */
function makeHttp(serve: (path: string, token: string | null) => Response | Promise<Response>) {
  const calls: string[] = [];
  const tokens = new TokenStore();
  const http = new Http(tokens, async (input, init) => {
    const path = (input as string).replace('/api/v1', '');
    const token = new Headers(init?.headers).get('Authorization');
    calls.push(path);
    return serve(path, token);
  });
  return { http, tokens, calls };
}

/** A disk without room. */
function refuseWrites() {
  vi.spyOn(console, 'error').mockReturnValue();
  return vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a REST call', () => {
  it('gives the data of the envelope', async () => {
    const { http } = makeHttp(() => answer(200, 0, { nodes: [] }));
    await expect(http.open('GET', '/access/endpoints')).resolves.toEqual({ nodes: [] });
  });

  it('says the code and the seconds to wait when it is refused', async () => {
    const { http } = makeHttp(() => answer(429, Code.RateLimited, null, { 'Retry-After': '7' }));
    await expect(http.open('POST', '/auth/refresh', { body: { refreshToken: 'r' } })).rejects.toMatchObject({
      code: Code.RateLimited,
      retryAfterSeconds: 7,
    });
  });

  it('says that the server cannot be reached', async () => {
    const { http } = makeHttp(() => Promise.reject(new TypeError('network')));
    await expect(http.open('GET', '/access/endpoints')).rejects.toMatchObject({
      code: Code.Unavailable,
      status: 0,
    });
  });

  it('takes the page of a proxy for an unavailable server', async () => {
    const { http } = makeHttp(() => new Response('<html>', { status: 502 }));
    await expect(http.open('GET', '/access/endpoints')).rejects.toMatchObject({
      code: Code.Unavailable,
      status: 502,
    });
  });

  it('puts its parameters into the path and the query, whatever is in them', async () => {
    const { http, calls } = makeHttp(() => answer(200, 0, {}));
    await http.open('GET', '/user/{id}', { path: { id: asUserId('7/../8') } });
    await http.open('GET', '/user/search', { query: { q: 'a&b=ü', limit: 20 } });
    await http.open('GET', '/friends', { query: { cursor: undefined } });
    expect(calls).toEqual(['/user/7%2F..%2F8', '/user/search?q=a%26b%3D%C3%BC&limit=20', '/friends']);
  });

  /** B9 */
  it('carries the token', async () => {
    const { http, tokens } = makeHttp((_path, token) => answer(200, 0, token));
    tokens.write(pair('one'));
    await expect(http.call('GET', '/friends')).resolves.toBe('Bearer access-one');
  });

  /** B3 */
  it('renews a refused token and is made again', async () => {
    const { http, tokens } = makeHttp((path, token) => {
      if (path === '/auth/refresh') return answer(200, 0, pair('two'));
      return token === 'Bearer access-two' ? answer(200, 0, 'ok') : answer(401, Code.TokenExpired);
    });
    tokens.write(pair('one'));
    await expect(http.call('GET', '/friends')).resolves.toBe('ok');
    expect(tokens.read()?.refreshToken).toBe('refresh-two');
  });

  it('renews a token that is about to expire before it is used', async () => {
    const { http, tokens, calls } = makeHttp((path) =>
      answer(200, 0, path === '/auth/refresh' ? pair('two') : 'ok'),
    );
    tokens.write(pair('one', 30_000));
    await http.call('GET', '/friends');
    expect(calls).toEqual(['/auth/refresh', '/friends']);
  });

  it('shares one renewal among calls at the same time, because a refresh token works once', async () => {
    const { http, tokens, calls } = makeHttp((path) =>
      answer(200, 0, path === '/auth/refresh' ? pair('two') : 'ok'),
    );
    tokens.write(pair('one', 0));
    await Promise.all([http.call('GET', '/friends'), http.call('GET', '/groups'), http.token()]);
    expect(calls.filter((path) => path === '/auth/refresh')).toHaveLength(1);
  });

  it('says that the user has to sign in again when the refresh token is refused', async () => {
    const { http, tokens } = makeHttp(() => answer(401, Code.TokenRevoked));
    tokens.write(pair('one'));
    await expect(http.call('GET', '/friends')).rejects.toBeInstanceOf(CredentialsExpired);
  });

  /** B9 */
  it('is not made again as another user who signed in meanwhile', async () => {
    const seen: (string | null)[] = [];
    const { http, tokens } = makeHttp((_path, token) => {
      seen.push(token);
      tokens.write({ ...pair('bob'), userId: asUserId('2') });
      return answer(401, Code.TokenRevoked);
    });
    tokens.write(pair('one'));
    await expect(http.call('GET', '/friends')).rejects.toBeInstanceOf(CredentialsExpired);
    expect(seen).toEqual(['Bearer access-one']);
  });

  /** B3: a refresh token works once. */
  it('goes on with tokens that this device has no room for', async () => {
    const { http, tokens, calls } = makeHttp((path, token) =>
      answer(200, 0, path === '/auth/refresh' ? pair('two') : token),
    );
    tokens.write(pair('one', 30_000));
    refuseWrites();
    await expect(http.call('GET', '/friends')).resolves.toBe('Bearer access-two');
    await expect(http.call('GET', '/friends')).resolves.toBe('Bearer access-two');
    expect(calls.filter((path) => path === '/auth/refresh')).toHaveLength(1);
  });

  /** Another token would only count as another failure. */
  it('does not renew a token because the password in the body is wrong', async () => {
    const { http, tokens, calls } = makeHttp(() => answer(401, Code.WrongCredentials));
    tokens.write(pair('one'));
    const body = { oldPassword: 'wrong', newPassword: 'a kite in a storm' };
    await expect(http.call('PUT', '/user/password', { body })).rejects.toMatchObject({
      code: Code.WrongCredentials,
    });
    const change = { email: 'ada@example.org', password: 'wrong' };
    await expect(http.call('PUT', '/user/profile', { body: change })).rejects.toMatchObject({
      code: Code.WrongCredentials,
    });
    expect(calls).toEqual(['/user/password', '/user/profile']);
  });

  it('does not take a server that is away for a refused refresh token', async () => {
    const { http, tokens } = makeHttp(() => answer(503, Code.Unavailable));
    tokens.write(pair('one', 0));
    await expect(http.token()).rejects.toMatchObject({ code: Code.Unavailable });
    expect(tokens.read()).not.toBeNull();
  });
});

describe('the token store', () => {
  it('keeps one device id', () => {
    const tokens = new TokenStore();
    expect(tokens.deviceId()).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(new TokenStore().deviceId()).toBe(tokens.deviceId());
  });

  it('keeps what was refused until something newer is kept, or nobody is signed in', () => {
    const [tokens, otherTab] = [new TokenStore(), new TokenStore()];
    tokens.write(pair('one'));
    const writes = refuseWrites();
    const device = tokens.deviceId();
    tokens.write(pair('two'));
    expect(tokens.read()?.accessToken).toBe('access-two');
    expect(tokens.deviceId()).toBe(device);
    writes.mockRestore();
    otherTab.write(pair('three'));
    expect(tokens.read()?.accessToken).toBe('access-three');
    refuseWrites();
    tokens.write(pair('four'));
    tokens.clear();
    expect(tokens.read()).toBeNull();
  });

  it('forgets the tokens and keeps the device', () => {
    const tokens = new TokenStore();
    const device = tokens.deviceId();
    tokens.write(pair('one'));
    tokens.clear();
    expect(tokens.read()).toBeNull();
    expect(tokens.deviceId()).toBe(device);
  });
});
