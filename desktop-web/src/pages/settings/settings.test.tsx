import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { useAccountStore } from '@/stores/accountStore';
import { applyEvent } from '@/stores/applyEvent';
import { useSettingsStore } from '@/stores/settingsStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, GUEST_ACCOUNT } from '@/test/people';
import { renderAt } from '@/test/render';
import type { Device, OwnProfile, Privacy } from '@/types/account';
import { SettingsPage } from './SettingsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const PROFILE: OwnProfile = {
  ...ALICE,
  email: '',
  phone: '',
  status: 1,
  createdAt: 1_767_323_000_000,
  updatedAt: 1_767_323_000_000,
};

const PRIVACY: Privacy = {
  findable: true,
  friendRequests: 'everybody',
  lastSeen: 'friends',
  contact: 'nobody',
};

const makeDevice = (id: string, changes: Partial<Device> = {}): Device => ({
  id,
  deviceId: id,
  platform: 'web',
  name: '',
  userAgent: 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
  address: '192.0.2.7',
  createdAt: 0,
  lastSeenAt: Date.now() - 3_600_000,
  online: false,
  current: false,
  ...changes,
});

const DEVICES = [
  makeDevice('1', { name: 'Pixel', platform: 'android' }),
  makeDevice('2', { current: true, online: true }),
  makeDevice('3', { name: 'Tablet' }),
];

const open = (path = '/settings') => renderAt(<SettingsPage />, path, '/settings/:section?');
const status = () => screen.getByText(/^(Saved|Saving…|Changes are saved as you make them)$/);
const field = (name: string) => screen.findByRole('textbox', { name });

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  fakeClient.ownProfile.mockResolvedValue(PROFILE);
  fakeClient.updateProfile.mockImplementation((change) =>
    Promise.resolve({ ...PROFILE, ...(change as Partial<OwnProfile>) }),
  );
  fakeClient.privacy.mockResolvedValue(PRIVACY);
  fakeClient.invisible.mockResolvedValue(false);
  fakeClient.devices.mockResolvedValue(DEVICES);
  fakeClient.blockedPeople.mockResolvedValue([]);
});

/** B4: the profile is saved as it is changed, and only what changed is sent. */
describe('the profile', () => {
  it('saves a name when the field is left, and says so', async () => {
    open();
    const name = await field('Display name');
    await userEvent.clear(name);
    await userEvent.type(name, 'Alicia{Enter}');
    expect(fakeClient.updateProfile).toHaveBeenCalledExactlyOnceWith({ nickname: 'Alicia' });
    await waitFor(() => expect(status()).toHaveTextContent('Saved'));
    await userEvent.tab();
    expect(fakeClient.updateProfile).toHaveBeenCalledOnce();
  });

  it('sends nothing when nothing changed, or when Escape takes it back', async () => {
    open();
    const name = await field('Display name');
    await userEvent.type(name, 'x{Escape}');
    await userEvent.tab();
    expect(name).toHaveValue('Alice');
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
  });

  it('says at the field what is wrong with it', async () => {
    open();
    const email = await field('Email');
    await userEvent.type(email, 'nonsense{Enter}');
    expect(email).toHaveAccessibleDescription('This is no mail address.');
    expect(email).toHaveAttribute('aria-invalid', 'true');
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
  });

  it('keeps what was typed when the server refuses it, and says why', async () => {
    fakeClient.updateProfile.mockRejectedValue(new ApiError(Code.InvalidArgument, '', 400));
    open();
    const phone = await field('Phone');
    await userEvent.type(phone, '12345{Enter}');
    await waitFor(() => expect(phone).toHaveAccessibleDescription('The server does not accept this.'));
    expect(phone).toHaveValue('12345');
  });

  it('removes the picture', async () => {
    fakeClient.ownProfile.mockResolvedValue({ ...PROFILE, avatar: '/api/v1/files/a/original' });
    fakeClient.setPicture.mockResolvedValue(PROFILE);
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Remove picture' }));
    expect(fakeClient.setPicture).toHaveBeenCalledExactlyOnceWith(null);
    await waitFor(() =>
      expect(screen.queryByRole('button', { name: 'Remove picture' })).not.toBeInTheDocument(),
    );
  });

  it('says when a file is no picture', async () => {
    vi.stubGlobal('createImageBitmap', () => Promise.reject(new TypeError('no picture')));
    open();
    await field('Display name');
    const files = document.querySelector<HTMLInputElement>('input[type=file]');
    if (!files) throw new Error('no field for a file');
    await userEvent.upload(files, new File(['x'], 'x.png', { type: 'image/png' }));
    expect(await screen.findByText('This picture cannot be read.')).toBeVisible();
    expect(fakeClient.setPicture).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  it('says why it cannot be had, and asks again', async () => {
    fakeClient.ownProfile.mockRejectedValueOnce(ApiError.unreachable());
    open();
    const card = screen.getByRole('region', { name: 'Profile' });
    expect(await within(card).findByRole('alert')).toHaveTextContent('The server cannot be reached.');
    await userEvent.click(within(card).getByRole('button', { name: 'Try again' }));
    expect(await field('Display name')).toHaveValue('Alice');
  });

  it('is asked for again when the connection is back', async () => {
    fakeClient.ownProfile.mockRejectedValueOnce(ApiError.unreachable());
    open();
    await screen.findByText(/cannot be reached/);
    act(() =>
      applyEvent({ type: 'connectionChanged', connection: { phase: 'online', transport: 'webTransport' } }),
    );
    expect(await field('Display name')).toHaveValue('Alice');
  });
});

/** B4: who has the mailbox can set a new password, so another address takes the password. */
describe('the mail address', () => {
  const ADDRESS = 'alice@example.org';
  const OTHER = 'ada@example.org';
  const password = () => screen.getByLabelText('Your password');
  const save = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));

  const edit = async (address: string) => {
    open();
    const email = await field('Email');
    await userEvent.clear(email);
    if (address) await userEvent.type(email, address);
    return email;
  };

  const isAsIs = (email: HTMLElement) => {
    expect(email).toHaveValue(ADDRESS);
    expect(screen.queryByLabelText('Your password')).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  };

  beforeEach(() => {
    fakeClient.ownProfile.mockResolvedValue({ ...PROFILE, email: ADDRESS });
  });

  it('asks for the password once it is another, and is not saved without', async () => {
    const email = await edit(OTHER);
    expect(password()).toHaveAttribute('autocomplete', 'current-password');
    expect(password()).toHaveAccessibleDescription(/who has the mailbox can set a new password/);
    await userEvent.tab();
    expect(password()).toHaveFocus();
    await save();
    expect(password()).toHaveAccessibleDescription('Please fill this in.');
    expect(password()).toHaveFocus();
    expect(email).toHaveValue(OTHER);
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
  });

  it('is saved with the password by Enter, and says so', async () => {
    const list = matchMedia('');
    const pointer = vi.spyOn(globalThis, 'matchMedia');
    pointer.mockImplementation((media) => ({ ...list, media, matches: media === '(hover: hover)' }));
    const email = await edit(` ${OTHER} `);
    await userEvent.type(password(), 'correct horse{Enter}');
    expect(fakeClient.updateProfile).toHaveBeenCalledExactlyOnceWith({
      email: OTHER,
      password: 'correct horse',
    });
    await waitFor(() => expect(status()).toHaveTextContent('Saved'));
    expect(screen.queryByLabelText('Your password')).not.toBeInTheDocument();
    expect(email).toHaveValue(OTHER);
    await waitFor(() => expect(email).toHaveFocus());
    pointer.mockRestore();
  });

  it('takes the password to be removed, too', async () => {
    await edit('');
    await userEvent.type(password(), 'correct horse');
    await save();
    expect(fakeClient.updateProfile).toHaveBeenCalledExactlyOnceWith({
      email: '',
      password: 'correct horse',
    });
  });

  it('asks nothing while it is the same as before', async () => {
    const email = await edit(` ${ADDRESS} `);
    await userEvent.type(email, '{Enter}');
    await userEvent.tab();
    isAsIs(email);
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
  });

  it('is as it was after Cancel and after Escape, and forgets the password', async () => {
    const email = await edit(OTHER);
    await userEvent.type(password(), 'correct horse');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    isAsIs(email);
    await userEvent.type(email, 'x');
    expect(password()).toHaveValue('');
    await userEvent.type(password(), 'horse{Escape}');
    isAsIs(email);
    await userEvent.type(email, 'x{Escape}');
    isAsIs(email);
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
  });

  it('leaves the keys of a composition to the input method', async () => {
    const email = await edit(OTHER);
    await userEvent.type(password(), 'correct horse');
    fireEvent.compositionStart(email);
    await userEvent.type(email, '{Enter}{Escape}');
    expect(email).toHaveValue(OTHER);
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
    fireEvent.compositionEnd(email);
    await userEvent.keyboard('{Escape}');
    isAsIs(email);
  });

  it('says at the password that it is wrong, and takes another', async () => {
    fakeClient.updateProfile.mockRejectedValueOnce(new ApiError(Code.WrongCredentials, '', 401));
    const email = await edit(OTHER);
    await userEvent.type(password(), 'wrong{Enter}');
    await waitFor(() => expect(password()).toHaveAccessibleDescription('This is not your password.'));
    expect(password()).toHaveAttribute('aria-invalid', 'true');
    expect(password()).toHaveFocus();
    expect(email).toHaveValue(OTHER);
    expect(email).toHaveAttribute('aria-invalid', 'false');
    await userEvent.clear(password());
    await userEvent.type(password(), 'correct horse{Enter}');
    await waitFor(() => expect(email).toHaveValue(OTHER));
    await waitFor(() => expect(screen.queryByLabelText('Your password')).not.toBeInTheDocument());
  });

  it.each([
    [Code.RateLimited, 429, 'Too many attempts. Wait a moment.'],
    [Code.RetryLater, 503, 'The server is busy. Try again in a moment.'],
  ])('says for how long to wait after code %i', async (code, httpStatus, text) => {
    fakeClient.updateProfile.mockRejectedValue(new ApiError(code, '', httpStatus, 3_600));
    await edit(OTHER);
    await userEvent.type(password(), 'correct horse{Enter}');
    await waitFor(() => expect(password()).toHaveAccessibleDescription(text));
    expect(await screen.findByRole('button', { name: /^Wait \d+ s$/ })).toBeDisabled();
    await userEvent.type(password(), '{Enter}');
    expect(fakeClient.updateProfile).toHaveBeenCalledOnce();
  });

  it('says at the address that the server does not take it', async () => {
    fakeClient.updateProfile.mockRejectedValue(new ApiError(Code.InvalidArgument, '', 400));
    const email = await edit('a@b@c');
    await userEvent.type(password(), 'correct horse{Enter}');
    expect(fakeClient.updateProfile).not.toHaveBeenCalled();
    await userEvent.clear(email);
    await userEvent.type(email, `${OTHER}{Enter}`);
    await waitFor(() => expect(email).toHaveAccessibleDescription('This is no mail address.'));
    expect(password()).toHaveAttribute('aria-invalid', 'false');
  });
});

/** The other devices are signed out, this one stays. */
describe('the password', () => {
  const change = async (old: string, next: string) => {
    if (old) await userEvent.type(screen.getByLabelText('Current password'), old);
    if (next) await userEvent.type(screen.getByLabelText('New password'), next);
    await userEvent.click(screen.getByRole('button', { name: 'Change password' }));
  };

  it('is changed', async () => {
    open();
    await change('the old one', 'a kite in a storm');
    expect(fakeClient.changePassword).toHaveBeenCalledExactlyOnceWith('the old one', 'a kite in a storm');
    expect(await screen.findByText(/Password changed/)).toBeVisible();
    expect(screen.getByLabelText('Current password')).toHaveValue('');
  });

  it('is refused at the old one when that is wrong', async () => {
    fakeClient.changePassword.mockRejectedValue(new ApiError(Code.WrongCredentials, '', 401));
    open();
    await change('wrong', 'a kite in a storm');
    expect(await screen.findByText('This is not your current password.')).toBeVisible();
    expect(screen.getByLabelText('Current password')).toHaveFocus();
  });

  it('is refused at the new one when it is common or short', async () => {
    fakeClient.changePassword.mockRejectedValue(new ApiError(Code.PasswordCommon, '', 400));
    open();
    await change('the old one', 'password1');
    expect(await screen.findByText(/easy to guess. Choose another/)).toBeVisible();
    await userEvent.clear(screen.getByLabelText('New password'));
    await change('', 'short');
    expect(screen.getByLabelText('New password')).toHaveAttribute('aria-invalid', 'true');
    expect(fakeClient.changePassword).toHaveBeenCalledOnce();
  });
});

/** B16 */
describe('the devices', () => {
  const row = async (name: string) => {
    const item = (await screen.findByText(name)).closest('li');
    if (!item) throw new Error('no row');
    return within(item);
  };

  it('are listed by what people know them as, this one first', async () => {
    open();
    expect((await row('Chrome · Windows')).getByText('This device')).toBeVisible();
    expect((await row('Pixel')).getByText('Last seen an hour ago · 192.0.2.7')).toBeVisible();
    const names = within(screen.getByRole('region', { name: 'Devices' })).getAllByRole('listitem');
    expect(names[0]).toHaveTextContent('Chrome · Windows');
  });

  it('are signed out after asking once', async () => {
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out Pixel' }));
    expect(fakeClient.signOutDevice).not.toHaveBeenCalled();
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', { name: 'Sign out' }),
    );
    expect(fakeClient.signOutDevice).toHaveBeenCalledExactlyOnceWith('1');
    await waitFor(() =>
      expect(screen.queryByRole('button', { name: 'Sign out Pixel' })).not.toBeInTheDocument(),
    );
  });

  it('are all signed out but this one', async () => {
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out all others' }));
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', { name: 'Sign out' }),
    );
    expect(fakeClient.signOutOtherDevices).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.queryByText('Tablet')).not.toBeInTheDocument());
  });
});

describe('privacy', () => {
  it('is changed at once, one setting at a time', async () => {
    open();
    await userEvent.click(await screen.findByRole('switch', { name: 'Found by username' }));
    expect(fakeClient.updatePrivacy).toHaveBeenCalledExactlyOnceWith({ findable: false });
    await userEvent.click(screen.getByRole('switch', { name: 'Invisible' }));
    expect(fakeClient.setInvisible).toHaveBeenCalledExactlyOnceWith(true);
    expect(screen.getByRole('switch', { name: 'Invisible' })).toBeChecked();
  });

  it('goes back when it is refused, and says why', async () => {
    fakeClient.updatePrivacy.mockRejectedValue(ApiError.unreachable());
    open();
    await userEvent.click(await screen.findByRole('switch', { name: 'Found by username' }));
    expect(await screen.findByText(/Not saved: The server cannot be reached/)).toBeVisible();
    expect(screen.getByRole('switch', { name: 'Found by username' })).toBeChecked();
  });

  it('goes back in what was refused only, not in what was changed meanwhile', async () => {
    let refuse: () => void = () => undefined;
    fakeClient.updatePrivacy.mockReturnValue(
      new Promise((_, reject) => (refuse = () => reject(ApiError.unreachable()))),
    );
    open();
    await userEvent.click(await screen.findByRole('switch', { name: 'Found by username' }));
    await userEvent.click(screen.getByRole('switch', { name: 'Invisible' }));
    refuse();
    expect(await screen.findByText(/Not saved/)).toBeVisible();
    expect(screen.getByRole('switch', { name: 'Found by username' })).toBeChecked();
    expect(screen.getByRole('switch', { name: 'Invisible' })).toBeChecked();
  });
});

describe('the other settings', () => {
  it('show whom one has blocked, and unblock', async () => {
    fakeClient.blockedPeople.mockResolvedValue([{ userId: BOB.userId, createdAt: 0, profile: BOB }]);
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Unblock Bob' }));
    expect(fakeClient.unblock).toHaveBeenCalledExactlyOnceWith(BOB.userId);
    expect(await screen.findByText('You have blocked nobody.')).toBeVisible();
  });

  /** H14 */
  it('choose a theme by keys as well', async () => {
    useSettingsStore.getState().chooseTheme('dark');
    open();
    const group = screen.getByRole('radiogroup', { name: 'Theme' });
    act(() => within(group).getByRole('radio', { name: 'Dark' }).focus());
    await userEvent.keyboard('{ArrowRight}');
    expect(within(group).getByRole('radio', { name: 'Light' })).toBeChecked();
    expect(within(group).getByRole('radio', { name: 'Light' })).toHaveFocus();
    expect(useSettingsStore.getState().theme).toBe('light');
    act(() => useSettingsStore.getState().chooseTheme('system'));
  });

  it('clear what this device keeps, after asking', async () => {
    open();
    await userEvent.click(screen.getByRole('button', { name: 'Clear local history' }));
    expect(fakeClient.clearHistory).not.toHaveBeenCalled();
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', { name: 'Clear local history' }),
    );
    expect(fakeClient.clearHistory).toHaveBeenCalledOnce();
  });

  it('are found by their names', async () => {
    open();
    const list = screen.getByRole('region', { name: 'Sections of the settings' });
    await userEvent.type(within(list).getByRole('searchbox'), 'theme');
    expect(within(list).getAllByRole('link')).toHaveLength(1);
    expect(within(list).getByRole('link')).toHaveAttribute('href', '/settings/appearance');
  });

  it('are gone to by their addresses', () => {
    Element.prototype.scrollIntoView = vi.fn();
    open('/settings/privacy');
    expect(screen.getByRole('heading', { name: 'Privacy' })).toHaveFocus();
  });

  /** B11 */
  it('offer a guest to register, and ask the server for nothing that a guest does not have', () => {
    applyEvent({ type: 'signedIn', account: GUEST_ACCOUNT });
    open();
    expect(screen.getByText('Keep your name')).toBeVisible();
    expect(screen.queryByRole('heading', { name: 'Devices' })).not.toBeInTheDocument();
    expect(fakeClient.devices).not.toHaveBeenCalled();
    expect(fakeClient.ownProfile).not.toHaveBeenCalled();
  });

  it('follow what another device changed of the own name', () => {
    applyEvent({ type: 'ownProfileChanged', nickname: 'Alicia', avatar: '' });
    expect(useAccountStore.getState().account?.profile.nickname).toBe('Alicia');
  });
});
