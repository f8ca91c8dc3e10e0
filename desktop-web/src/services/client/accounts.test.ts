import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import type { TokenPair } from '@/services/api/tokens';
import { ALICE, BOB, GUEST_ACCOUNT, ACCOUNT } from '@/test/people';
import type { Account } from '@/types/person';
import { Accounts, type SignIn } from './accounts';

const pair = (name: string): TokenPair => ({
  userId: ALICE.userId,
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  expiresAt: Date.now() + 1e9,
});

const answer = (status: number, code: Code, data: unknown = null) =>
  new Response(JSON.stringify({ code, message: '', data }), { status });

/** Somebody who is signed in already; `server` answers each route. */
function signedIn(account: Account, server: (path: string, token: string | null) => Response) {
  localStorage.setItem('im-rs.account', JSON.stringify(account));
  localStorage.setItem('im-rs.tokens', JSON.stringify(pair('old')));
  const asked: string[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, request) => {
    const path = typeof url === 'string' ? url.replace('/api/v1', '') : '';
    asked.push(path);
    return Promise.resolve(server(path, new Headers(request?.headers).get('Authorization')));
  });
  const changes: [SignIn, TokenPair | null][] = [];
  const accounts = new Accounts({
    local: localStorage,
    locks: undefined,
    onChanged: (signIn, tokens) => changes.push([signIn, tokens]),
  });
  return { accounts, changes, asked };
}

const registration = { username: 'Alice', password: 'a kite in a storm', nickname: '' };

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.restoreAllMocks();
});

/** B11 */
describe('a guest who registers', () => {
  it('stays the same person, as a user', async () => {
    const { accounts, changes, asked } = signedIn(GUEST_ACCOUNT, (path) =>
      path === '/auth/upgrade' ? answer(200, 0, pair('user')) : answer(200, 0, ALICE),
    );
    await accounts.register(registration);
    expect(asked).toEqual(['/auth/upgrade', '/user/profile']);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.[0].account).toMatchObject({ userId: ALICE.userId, isGuest: false });
    expect(changes[0]?.[1]?.accessToken).toBe('access-user');
  });

  it('is told when the name is taken, and stays a guest', async () => {
    const { accounts, changes } = signedIn(GUEST_ACCOUNT, () => answer(409, Code.UsernameTaken));
    await expect(accounts.register(registration)).rejects.toMatchObject({ code: Code.UsernameTaken });
    expect(changes).toEqual([]);
    expect(accounts.current.account?.isGuest).toBe(true);
  });

  it('becomes a new user when the server has forgotten the guest', async () => {
    const { accounts, asked } = signedIn(GUEST_ACCOUNT, (path) => {
      if (path === '/auth/upgrade') return answer(404, Code.UserNotFound);
      if (path === '/auth/login') return answer(200, 0, pair('user'));
      return answer(200, 0, ALICE);
    });
    await accounts.register(registration);
    expect(asked).toEqual(['/auth/upgrade', '/auth/register', '/auth/login', '/user/profile']);
    expect(accounts.current.account?.isGuest).toBe(false);
  });
});

/** H1 */
describe('a change of the password', () => {
  it('goes on with the tokens of the answer, as another sign-in', async () => {
    const { accounts, changes } = signedIn(ACCOUNT, () => answer(200, 0, pair('new')));
    const before = accounts.current.id;
    await accounts.changePassword('old', 'a kite in a storm');
    expect(changes[0]?.[1]?.accessToken).toBe('access-new');
    expect(accounts.current.id).not.toBe(before);
    expect(localStorage.getItem('im-rs.tokens')).toContain('access-new');
  });

  it('changes nothing here when it is refused', async () => {
    const { accounts, changes } = signedIn(ACCOUNT, () => answer(401, Code.WrongCredentials));
    await expect(accounts.changePassword('wrong', 'a kite in a storm')).rejects.toMatchObject({
      code: Code.WrongCredentials,
    });
    expect(changes).toEqual([]);
    expect(localStorage.getItem('im-rs.tokens')).toContain('access-old');
  });
});

describe('a device without room', () => {
  const refuseWrites = () => {
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
  };

  it('signs in all the same, for as long as the page lasts', async () => {
    const { accounts, changes } = signedIn(GUEST_ACCOUNT, () => answer(200, 0, ALICE));
    await accounts.signOut(true);
    vi.mocked(fetch).mockImplementation((url) =>
      Promise.resolve(answer(200, 0, url === '/api/v1/auth/login' ? pair('new') : ALICE)),
    );
    refuseWrites();
    await accounts.signIn('alice', 'a kite in a storm');
    expect(changes.at(-1)?.[0].account).toMatchObject({ userId: ALICE.userId });
    await expect(accounts.http.token()).resolves.toBe('access-new');
    accounts.rename('Alicia', '');
    expect(accounts.current.account?.profile.nickname).toBe('Alicia');
  });

  it('does not begin as one user with the tokens of another', () => {
    const { accounts } = signedIn({ ...ACCOUNT, userId: BOB.userId }, () => answer(200, 0));
    expect(accounts.current.account).toBeNull();
  });
});

describe('the name of the account', () => {
  it('is there after a reload as it was told last', () => {
    const { accounts } = signedIn(ACCOUNT, () => answer(200, 0));
    accounts.rename('Alicia', '');
    const reloaded = new Accounts({ local: localStorage, locks: undefined, onChanged: () => undefined });
    expect(reloaded.current.account?.profile.nickname).toBe('Alicia');
  });
});
