import { act, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { renderAt } from '@/test/render';
import type { Connection } from '@/types/connection';
import { ConnectionBanner } from './ConnectionBanner';
import { SessionDialog } from './SessionDialog';
import { StorageNotice } from './StorageNotice';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const become = (connection: Connection) => act(() => applyEvent({ type: 'connectionChanged', connection }));
const pass = (milliseconds: number) =>
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });

beforeEach(() => {
  resetClient();
});

describe('the connection banner', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    renderAt(<ConnectionBanner />);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  /** What the line says, which is announced, and all that the banner shows. */
  const text = () => screen.getByRole('status').textContent;
  const shown = () => screen.getByRole('status').parentElement?.textContent ?? '';

  it('says nothing of a connection that comes soon', () => {
    become({ phase: 'connecting' });
    pass(700);
    expect(text()).toBe('');
    pass(200);
    expect(text()).toBe('Connecting…');
  });

  it('says at once that it is offline, when it tries again, and that it is back', () => {
    become({ phase: 'offline', reason: 'noNetwork', attempt: 3, retryAt: 1_004_000 });
    pass(0);
    expect(text()).toBe('You are offline');
    expect(shown()).toContain('Attempt 3, again in 4 s');
    pass(2_000);
    expect(text()).toBe('You are offline');
    expect(shown()).toContain('again in 2 s');
    become({ phase: 'online', transport: 'webTransport' });
    pass(0);
    expect(text()).toBe('Connected again');
    pass(2_000);
    expect(text()).toBe('');
  });

  it.each([
    ['unreachable', 'The server cannot be reached'],
    ['interrupted', 'The connection was lost'],
    ['busy', 'The server is busy'],
  ] as const)('says why there is no connection: %s', (reason, line) => {
    become({ phase: 'offline', reason, attempt: 1, retryAt: 0 });
    pass(0);
    expect(text()).toBe(line);
    expect(shown()).toContain('Attempt 1, connecting');
  });

  it('says that it is back also after a catch-up that takes its time', () => {
    become({ phase: 'offline', reason: 'interrupted', attempt: 1, retryAt: 0 });
    become({ phase: 'catchingUp', transport: 'webTransport', done: 0, total: 9 });
    pass(500);
    expect(text()).toContain('Catching up');
    become({ phase: 'online', transport: 'webTransport' });
    pass(0);
    expect(text()).toBe('Connected again');
  });

  it('tries again when asked', () => {
    become({ phase: 'offline', reason: 'interrupted', attempt: 1, retryAt: 0 });
    pass(0);
    act(() => screen.getByRole('button', { name: 'Retry now' }).click());
    expect(fakeClient.retryNow).toHaveBeenCalledOnce();
  });

  it('shows how far a long catch-up is', () => {
    become({ phase: 'catchingUp', transport: 'webTransport', done: 32, total: 128 });
    pass(300);
    expect(text()).toBe('');
    pass(100);
    expect(text()).toContain('Catching up on 128 messages');
    expect(shown()).toContain('25 %');
  });

  it('mentions the fallback for six seconds, once', () => {
    become({ phase: 'online', transport: 'webSocket' });
    pass(0);
    expect(text()).toContain('Using WebSocket');
    pass(6_000);
    expect(text()).toBe('');
    become({ phase: 'connecting' });
    become({ phase: 'online', transport: 'webSocket' });
    pass(0);
    expect(text()).toBe('');
  });

  it('asks to sign in again when the sign-in expired', () => {
    become({ phase: 'expired' });
    pass(0);
    expect(screen.getByRole('alert')).toHaveTextContent('Your sign-in has expired.');
    act(() => screen.getByRole('button', { name: 'Sign in again' }).click());
    expect(fakeClient.signInAgain).toHaveBeenCalledOnce();
    expect(fakeClient.signOut).not.toHaveBeenCalled();
  });

  it.each([
    [CloseCode.SignedInElsewhere, 'Signed in elsewhere'],
    [CloseCode.SignedOut, 'This session was ended'],
  ])('offers the session here again after it was ended: %i', (code, line) => {
    become({ phase: 'ended', code });
    pass(0);
    expect(text()).toBe(line);
    act(() => screen.getByRole('button', { name: 'Sign in here again' }).click());
    expect(fakeClient.connectAgain).toHaveBeenCalledOnce();
  });
});

/** F4, [S8] */
describe('the session dialog', () => {
  beforeEach(() => {
    renderAt(<SessionDialog />, '/', '/');
  });

  it('is not there while all is well', () => {
    become({ phase: 'online', transport: 'webTransport' });
    expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument();
  });

  it('says that the user signed in elsewhere, and connects again when asked only', async () => {
    become({ phase: 'ended', code: CloseCode.SignedInElsewhere });
    expect(screen.getByRole('alertdialog', { name: 'Signed in elsewhere' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Sign in here again' }));
    expect(fakeClient.connectAgain).toHaveBeenCalledOnce();
  });

  it('lets who did not sign in elsewhere change the password', async () => {
    become({ phase: 'ended', code: CloseCode.SignedInElsewhere });
    await userEvent.click(screen.getByRole('button', { name: 'Not me, change password' }));
    expect(fakeClient.connectAgain).toHaveBeenCalledOnce();
    expect(screen.getByText('elsewhere')).toBeVisible();
  });

  it('says that the sign-in expired, and lets one read on', async () => {
    become({ phase: 'expired' });
    expect(screen.getByRole('alertdialog', { name: 'Your sign-in has expired' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Keep reading' }));
    expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument();
    become({ phase: 'connecting' });
    become({ phase: 'expired' });
    await userEvent.click(screen.getByRole('button', { name: 'Sign in again' }));
    expect(fakeClient.signInAgain).toHaveBeenCalledOnce();
    expect(fakeClient.signOut).not.toHaveBeenCalled();
  });

  it('stays whatever asks to close it, until the session is here again', () => {
    become({ phase: 'ended', code: CloseCode.SignedInElsewhere });
    const dialog = screen.getByRole<HTMLDialogElement>('alertdialog');
    // The three ways of a browser: it asks before, it does not ask any more, and it knows that nothing closes it.
    expect(fireEvent.keyDown(dialog, { key: 'Escape' })).toBe(false);
    expect(fireEvent(dialog, new Event('cancel', { cancelable: true }))).toBe(false);
    expect(dialog).toHaveAttribute('closedby', 'none');
    dialog.close();
    fireEvent(dialog, new Event('close'));
    expect(dialog).toHaveProperty('open', true);
    expect(screen.getByRole('button', { name: 'Sign in here again' })).toHaveFocus();
    become({ phase: 'connecting' });
    expect(dialog).toHaveProperty('open', false);
    expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument();
  });

  it.each([
    [CloseCode.SignedOut, 'You signed out on another device.'],
    [CloseCode.RemovedByAdministrator, 'An administrator ended this session.'],
    [CloseCode.PasswordChanged, 'The password was changed on another device.'],
    [CloseCode.ProtocolError, 'The server closed the session.'],
  ])('says why the server ended the session: %i', (code, text) => {
    become({ phase: 'ended', code });
    expect(screen.getByRole('alertdialog')).toHaveTextContent(text);
  });
});

describe('the notice about storage', () => {
  beforeEach(() => {
    renderAt(<StorageNotice />);
  });
  const degrade = (reason: 'unavailable' | 'full') =>
    act(() => applyEvent({ type: 'storageDegraded', reason }));

  it('is not there while everything is kept', () => {
    expect(screen.queryByRole('status')).not.toBeInTheDocument();
  });

  it('says what is not kept, until it was read', async () => {
    degrade('unavailable');
    expect(screen.getByRole('status')).toHaveTextContent('This browser keeps nothing on this device');
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('status')).not.toBeInTheDocument();
    degrade('full');
    expect(screen.getByRole('status')).toHaveTextContent('There is no room left on this device');
  });
});
