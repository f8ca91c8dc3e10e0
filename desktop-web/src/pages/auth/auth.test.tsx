import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { renderAt } from '@/test/render';
import { GuestPage } from './GuestPage';
import { LoginPage } from './LoginPage';
import { RegisterPage } from './RegisterPage';

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
    fakeClient.signIn.mockRejectedValue(new ApiError(Code.RateLimited, '', 429, 7));
    await userEvent.type(field('Username'), 'alice');
    await userEvent.type(field('Password'), 'x');
    await submit();
    expect(await screen.findByRole('button', { name: /^Wait \d s$/ })).toBeDisabled();
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
