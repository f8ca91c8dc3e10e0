import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useNotificationStore, type Permission } from '@/stores/notificationStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { renderAt } from '@/test/render';
import { NotificationCard } from './NotificationCard';

vi.mock('@/services/client', () => ({ client: fakeClient }));

/** A browser whose user answers so when asked. */
function allow(answer: NotificationPermission, permission: NotificationPermission = 'default') {
  const requestPermission = vi.fn(() => Promise.resolve(answer));
  vi.stubGlobal('Notification', { permission, requestPermission });
  useNotificationStore.setState({ permission });
  return requestPermission;
}
const toggle = (name: string) => screen.getByRole('switch', { name });

beforeEach(() => {
  resetClient();
  localStorage.clear();
  useNotificationStore.setState({
    desktop: false,
    sound: true,
    preview: true,
    push: false,
    quietUntil: 0,
    permission: 'default' as Permission,
  });
  fakeClient.pushOffered.mockResolvedValue(false);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** H9 */
describe('the card of notifications', () => {
  it('asks for the permission when the switch is moved, not before', async () => {
    const requestPermission = allow('granted');
    renderAt(<NotificationCard />);
    expect(requestPermission).not.toHaveBeenCalled();
    await userEvent.click(toggle('Desktop notifications'));
    expect(requestPermission).toHaveBeenCalledOnce();
    expect(toggle('Desktop notifications')).toBeChecked();
    expect(localStorage.getItem('im-rs.notifications')).toContain('"desktop":true');
  });

  it('stays off when the user does not allow it, and says how to', async () => {
    allow('denied');
    renderAt(<NotificationCard />);
    await userEvent.click(toggle('Desktop notifications'));
    expect(toggle('Desktop notifications')).not.toBeChecked();
    expect(toggle('Desktop notifications')).toBeDisabled();
    expect(screen.getByText('Notifications are blocked for this site.')).toBeVisible();
    expect(screen.getByText(/Open the site settings/)).toBeVisible();
  });

  it('says when the browser has none', () => {
    useNotificationStore.setState({ permission: 'unsupported' });
    renderAt(<NotificationCard />);
    expect(screen.getByText('This browser has no notifications.')).toBeVisible();
  });

  it('offers pushes where the server sends them, and ends them', async () => {
    allow('granted', 'granted');
    fakeClient.pushOffered.mockResolvedValue(true);
    renderAt(<NotificationCard />);
    await userEvent.click(await screen.findByRole('switch', { name: 'When im-rs is closed' }));
    expect(fakeClient.subscribeToPush).toHaveBeenCalledWith(false);
    expect(toggle('When im-rs is closed')).toBeChecked();
    await userEvent.click(toggle('When im-rs is closed'));
    expect(fakeClient.unsubscribeFromPush).toHaveBeenCalledOnce();
    expect(toggle('When im-rs is closed')).not.toBeChecked();
  });

  it('can be asked for pushes again when the question of the browser was put aside', async () => {
    const requestPermission = allow('default');
    fakeClient.pushOffered.mockResolvedValue(true);
    renderAt(<NotificationCard />);
    await userEvent.click(await screen.findByRole('switch', { name: 'When im-rs is closed' }));
    expect(toggle('When im-rs is closed')).not.toBeChecked();
    expect(toggle('When im-rs is closed')).toBeEnabled();
    await userEvent.click(toggle('When im-rs is closed'));
    expect(requestPermission).toHaveBeenCalledTimes(2);
    expect(fakeClient.subscribeToPush).not.toHaveBeenCalled();
  });

  it('says when the browser could not be subscribed', async () => {
    allow('granted', 'granted');
    fakeClient.pushOffered.mockResolvedValue(true);
    fakeClient.subscribeToPush.mockRejectedValue(new DOMException('no service', 'AbortError'));
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(console, 'warn').mockReturnValue();
    renderAt(<NotificationCard />);
    await userEvent.click(await screen.findByRole('switch', { name: 'When im-rs is closed' }));
    expect(await screen.findByText(/could not be subscribed/)).toBeVisible();
    expect(toggle('When im-rs is closed')).not.toBeChecked();
  });

  it('is quiet for an hour, or until the user has enough of it', async () => {
    renderAt(<NotificationCard />);
    await userEvent.click(screen.getByRole('button', { name: '1 hour' }));
    const { quietUntil } = useNotificationStore.getState();
    expect(quietUntil).toBeGreaterThan(Date.now() + 3_500_000);
    await userEvent.click(screen.getByRole('button', { name: 'End now' }));
    expect(useNotificationStore.getState().quietUntil).toBe(0);
  });
});
