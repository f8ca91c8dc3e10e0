import { describe, expect, it } from 'vitest';
import { asUserId } from '@/types/ids';
import { Api } from './api';
import { Http } from './http';
import { TokenStore } from './tokens';

/** A server that has these pages, by path. */
function makeApi(pages: Readonly<Record<string, unknown>>): Api {
  const tokens = new TokenStore();
  const expiresAt = Date.now() + 60 * 60_000;
  tokens.write({ userId: asUserId('1'), accessToken: 'a', refreshToken: 'r', expiresAt });
  const http = new Http(tokens, (input) => {
    const data = pages[(input as string).replace('/api/v1', '')];
    const body =
      data === undefined ? { code: 1005, message: 'no page', data: null } : { code: 0, message: 'ok', data };
    return Promise.resolve(new Response(JSON.stringify(body), { status: data === undefined ? 404 : 200 }));
  });
  return new Api(http);
}

describe('a list that comes page by page', () => {
  it('gives all friends', async () => {
    const api = makeApi({
      '/friends?limit=500': { friends: [{ friendId: '2' }], nextCursor: 'abc' },
      '/friends?limit=500&cursor=abc': { friends: [{ friendId: '3' }], nextCursor: null },
    });
    const friends = await api.friends();
    expect(friends.map(({ friendId }) => friendId)).toEqual(['2', '3']);
  });

  it('gives all requests in one direction', async () => {
    const api = makeApi({
      '/friends/requests?direction=sent&limit=200': { requests: [{ id: '9' }], nextAfter: '9' },
      '/friends/requests?direction=sent&limit=200&after=9': { requests: [{ id: '8' }], nextAfter: null },
    });
    const requests = await api.friendRequests('sent');
    expect(requests.map(({ id }) => id)).toEqual(['9', '8']);
  });
});
