import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { RequireAccount } from '@/pages/RequireAccount';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, GUEST_ACCOUNT } from '@/test/people';
import { renderAt } from '@/test/render';
import { ForgotPage } from './ForgotPage';
import { GuestPage } from './GuestPage';
import { LoginPage } from './LoginPage';
import { RegisterPage } from './RegisterPage';
import { ResetPage } from './ResetPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));
beforeEach(resetClient);

const field = (name: string) => screen.getByLabelText(name);

/** H1, B2 */
describe('the sign-in page', () => {
  const submit = () => userEvent.click(screen.getByRole('button', { name: 'Sign in' }));

  beforeEach(() => {
    renderAt(<LoginPage />);
  });

  it('signs in', async () => {
    await userEvent.type(field('Username'), 'alice');
    await userEvent.type(field('Password'), 'secret-secret{Enter}');
    expect(fakeClient.signIn).toHaveBeenCalledExactlyOnceWith('alice', 'secret-secret');
  });

  it('says at the password that it is wrong, and puts the focus there', async () => {
    fakeClient.signIn.mockRejectedValue(new ApiError(Code.WrongCredentials, '', 401));
    await userEvent.type(field('Username'), 'alice');
    await userEvent.type(field('Password'), 'wrong');
    await submit();
    expect(await screen.findByText('Wrong username or password.')).toBeVisible();
    expect(field('Password')).toHaveAttribute('aria-invalid', 'true');
    expect(field('Password')).toHaveFocus();
    expect(field('Password')).toHaveAccessibleDescription('Wrong username or password.');
  });

  it('leaves the focus where somebody writes when the answer comes', async () => {
    let refuse: (reason: unknown) => void = () => undefined;
    fakeClient.signIn.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
    await userEvent.type(field('Username'), 'alice');
    await userEvent.type(field('Password'), 'wrong{Enter}');
    await userEvent.type(field('Username'), 'n');
    await act(async () => {
      refuse(new ApiError(Code.WrongCredentials, '', 401));
      await Promise.resolve();
    });
    expect(await screen.findByText('Wrong username or password.')).toBeVisible();
    expect(field('Username')).toHaveFocus();
  });

  it('leads to the first field that is wrong, also from another one', async () => {
    await userEvent.type(field('Password'), '{Enter}');
    expect(screen.getAllByText('Please fill this in.')).toHaveLength(2);
    expect(field('Username')).toHaveFocus();
  });

  it('asks for what is missing', async () => {
    await submit();
    expect(screen.getAllByText('Please fill this in.')).toHaveLength(2);
    expect(fakeClient.signIn).not.toHaveBeenCalled();
  });

  it('says above the button that the server is away', async () => {
    fakeClient.signIn.mockRejectedValue(ApiError.unreachable());
    await userEvent.type(field('Username'), 'alice');
    await userEvent.type(field('Password'), 'x');
    await submit();
    expect(await screen.findByRole('alert')).toHaveTextContent('The server cannot be reached.');
  });

  /** B8 */
  it('counts the seconds that the server asks to wait', async () => {
    fakeClient.signIn.mockRejectedValue(new ApiError(Code.RateLimited, '', 429, 600));
    await userEvent.type(field('Username'), 'alice');
    await userEvent.type(field('Password'), 'x');
    await submit();
    expect(await screen.findByRole('button', { name: /^Wait \d+ s$/ })).toBeDisabled();
  });
});

/** H1, B1 */
describe('the registration page', () => {
  const fill = async (username: string, password: string) => {
    await userEvent.type(field('Username'), username);
    await userEvent.type(field('Password'), password);
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
  };

  beforeEach(() => {
    renderAt(<RegisterPage />);
  });

  it('registers', async () => {
    await userEvent.type(field('Display name'), 'Alice');
    await fill('alice', 'secret-secret');
    expect(fakeClient.register).toHaveBeenCalledExactlyOnceWith({
      username: 'alice',
      nickname: 'Alice',
      password: 'secret-secret',
    });
  });

  it('takes a mail address, and refuses what is none', async () => {
    await userEvent.type(field('Email (optional)'), 'nonsense');
    await fill('alice', 'secret-secret');
    expect(field('Email (optional)')).toHaveAccessibleDescription('This is no mail address.');
    await userEvent.clear(field('Email (optional)'));
    await userEvent.type(field('Email (optional)'), 'alice@example.org');
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    expect(fakeClient.register).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ email: 'alice@example.org' }),
    );
  });

  it('says in words how hard the password is to guess', async () => {
    await userEvent.type(field('Password'), '12345678');
    expect(screen.getByText('Easy to guess.')).toBeVisible();
    await userEvent.clear(field('Password'));
    await userEvent.type(field('Password'), 'a kite in a storm');
    expect(screen.getByText('Strong.')).toBeVisible();
  });

  it('says at the password that the server finds it common', async () => {
    fakeClient.register.mockRejectedValue(new ApiError(Code.PasswordCommon, '', 400));
    await fill('alice', 'secret-secret');
    expect(await screen.findByText(/easy to guess. Choose another/)).toBeVisible();
    expect(field('Password')).toHaveFocus();
  });

  it.each([
    ['a username that is too short', 'al', 'secret-secret', 'Username'],
    ['a username with blanks', 'al ice', 'secret-secret', 'Username'],
    ['a password that is too short', 'alice', 'short', 'Password'],
    ['a password of more than 71 bytes', 'alice', '禾'.repeat(24), 'Password'],
  ])('refuses %s at its field', async (_name, username, password, name) => {
    await fill(username, password);
    expect(field(name)).toHaveAttribute('aria-invalid', 'true');
    expect(fakeClient.register).not.toHaveBeenCalled();
  });

  it('says at the username that it is taken', async () => {
    fakeClient.register.mockRejectedValue(new ApiError(Code.UsernameTaken, '', 409));
    await fill('alice', 'secret-secret');
    expect(await screen.findByText('This username is taken.')).toBeVisible();
    expect(field('Username')).toHaveAttribute('aria-invalid', 'true');
  });
});

/** H1, B11 */
describe('the guest page', () => {
  const enter = () => userEvent.click(screen.getByRole('button', { name: 'Enter as guest' }));

  beforeEach(() => {
    renderAt(<GuestPage />);
  });

  it('says what a guest can and cannot do before entering', async () => {
    expect(screen.getByText('Read and write in the world chat')).toBeVisible();
    expect(screen.getByText('Private chats, friends and search need an account')).toBeVisible();
    expect(fakeClient.enterAsGuest).not.toHaveBeenCalled();
    await enter();
    expect(fakeClient.enterAsGuest).toHaveBeenCalledOnce();
  });

  it('cannot be asked twice while it is under way', async () => {
    fakeClient.enterAsGuest.mockReturnValue(new Promise(() => undefined));
    await enter();
    expect(screen.getByRole('button', { name: /Enter as guest/ })).toBeDisabled();
  });

  it('says why it failed', async () => {
    fakeClient.enterAsGuest.mockRejectedValue(ApiError.unreachable());
    await enter();
    expect(await screen.findByRole('alert')).toHaveTextContent('The server cannot be reached.');
  });
});

/** H1 */
describe('a forgotten password', () => {
  it('has a mail sent, and does not tell whether there is such an account', async () => {
    renderAt(<ForgotPage />);
    await userEvent.type(field('Username or email'), 'alice{Enter}');
    expect(fakeClient.forgotPassword).toHaveBeenCalledExactlyOnceWith('alice');
    expect(await screen.findByRole('status')).toHaveTextContent(/^If there is such an account/);
  });

  it('says when the server sends no mails', async () => {
    fakeClient.forgotPassword.mockRejectedValue(new ApiError(Code.Unsupported, '', 501));
    renderAt(<ForgotPage />);
    await userEvent.type(field('Username or email'), 'alice{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('This server sends no mails.');
  });

  it('is replaced by the token of the address', async () => {
    renderAt(<ResetPage />, '/reset?token=mailed', '/reset');
    await userEvent.type(field('New password'), 'a kite in a storm{Enter}');
    expect(fakeClient.resetPassword).toHaveBeenCalledExactlyOnceWith('mailed', 'a kite in a storm');
    expect(await screen.findByText(/Your password is changed/)).toBeVisible();
  });

  it('is not replaced by a token that is used up', async () => {
    fakeClient.resetPassword.mockRejectedValue(new ApiError(Code.ResetTokenInvalid, '', 400));
    renderAt(<ResetPage />, '/reset?token=old', '/reset');
    await userEvent.type(field('New password'), 'a kite in a storm{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent(/used up or too old/);
    expect(screen.getByRole('link', { name: 'Ask for a new link' })).toBeVisible();
  });
});

describe('a field for a password', () => {
  it('shows and hides what is in it', async () => {
    renderAt(<LoginPage />);
    expect(field('Password')).toHaveAttribute('type', 'password');
    await userEvent.click(screen.getByRole('button', { name: 'Show password' }));
    expect(field('Password')).toHaveAttribute('type', 'text');
    await userEvent.click(screen.getByRole('button', { name: 'Hide password' }));
    expect(field('Password')).toHaveAttribute('type', 'password');
  });

  it('says that Caps Lock is on, until it is left', () => {
    renderAt(<LoginPage />);
    fireEvent.keyDown(field('Password'), { key: 'A', modifierCapsLock: true });
    expect(field('Password')).toHaveAccessibleDescription('Caps Lock is on.');
    fireEvent.blur(field('Password'));
    expect(screen.queryByText('Caps Lock is on.')).not.toBeInTheDocument();
  });
});

/** H1: route guards; the address that was asked for is where one comes after signing in. */
describe('the guards', () => {
  const open = (path: string) => {
    const router = createMemoryRouter(
      [
        {
          element: <RequireAccount signedIn={false} />,
          children: [
            { path: '/login', element: <LoginPage /> },
            { path: '/register', element: <RegisterPage /> },
          ],
        },
        {
          element: <RequireAccount signedIn />,
          children: [{ path: '*', element: <p>inside</p> }],
        },
      ],
      { initialEntries: [path] },
    );
    render(<RouterProvider router={router} />);
    return () => router.state.location.pathname + router.state.location.search;
  };
  const signIn = (account = ACCOUNT) => act(() => applyEvent({ type: 'signedIn', account }));

  beforeEach(() => {
    act(() => applyEvent({ type: 'signedOut' }));
  });

  it('lead to the address that was asked for, also by way of another tab of the card', async () => {
    const place = open('/chats/70/12?from=mail');
    expect(place()).toBe('/login');
    await userEvent.click(screen.getByRole('link', { name: 'Register' }));
    expect(place()).toBe('/register');
    signIn();
    expect(place()).toBe('/chats/70/12?from=mail');
  });

  it('lead to the chats when nothing was asked for', () => {
    const place = open('/login');
    signIn();
    expect(place()).toBe('/chats');
  });

  it('do not lead the next user to where the last one signed out', () => {
    signIn();
    const place = open('/settings/devices');
    act(() => applyEvent({ type: 'signedOut' }));
    expect(place()).toBe('/login');
    signIn();
    expect(place()).toBe('/chats');
  });

  /** B11 */
  it('let a guest register, and lead on when that is done', () => {
    signIn(GUEST_ACCOUNT);
    const place = open('/register');
    expect(screen.getByText(/What you said as Alice stays yours/)).toBeVisible();
    signIn();
    expect(place()).toBe('/chats');
  });
});
