import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';
import { SessionEnded } from '@/services/session/errors';
import type { Blocked, Device, OwnProfile, Privacy, PrivacyUpdate, ProfileUpdate } from '@/types/account';
import type { UserId } from '@/types/ids';

/**
 * The own account and its settings. REST only: each tab asks itself. Rejects with ApiError; what is about the profile, with SessionEnded
 * when somebody else has signed in since, or nobody is.
 */
export interface OwnAccount {
  ownProfile(): Promise<OwnProfile>;
  /** What is missing in `change` stays as it is. */
  updateProfile(change: ProfileUpdate): Promise<OwnProfile>;
  /** A square picture, or none. */
  setPicture(picture: Blob | null): Promise<OwnProfile>;
  privacy(): Promise<Privacy>;
  updatePrivacy(change: PrivacyUpdate): Promise<Privacy>;
  /** Offline to everybody. */
  invisible(): Promise<boolean>;
  setInvisible(invisible: boolean): Promise<void>;
  /** Where the account is signed in, the latest logins first. */
  devices(): Promise<readonly Device[]>;
  /** `id` is that of the login. */
  signOutDevice(id: string): Promise<void>;
  /** All but this one. */
  signOutOtherDevices(): Promise<void>;
  blockedPeople(): Promise<readonly Blocked[]>;
  /** Has a mail sent to the owner of the username or mail address, if there is one. Also for who is not signed in. */
  forgotPassword(account: string): Promise<void>;
  /** `token`: as mailed. Every device is signed out. */
  resetPassword(token: string, newPassword: string): Promise<void>;
}

/** `self`: who is signed in. `onProfile`: what others see of the user is now so. */
export function ownAccountOf(
  api: Api,
  files: Files,
  self: () => UserId | undefined,
  onProfile: (nickname: string, avatar: string) => void,
): OwnAccount {
  const expect = (user: UserId | undefined) => {
    if (self() !== user) throw new SessionEnded('somebody else is signed in');
  };
  // One after the other: each answer tells the whole profile, and an older one that came later would bring back what was before.
  let last: { readonly user: UserId | undefined; readonly answered: Promise<unknown> } | null = null;
  const inTurn = (user: UserId | undefined, ask: () => Promise<OwnProfile>) => {
    const turn = async () => {
      expect(user);
      const profile = await ask();
      expect(user);
      onProfile(profile.nickname, profile.avatar);
      return profile;
    };
    const before = last?.user === user ? last?.answered : null;
    const answered = (before ?? Promise.resolve()).then(turn, turn);
    last = { user, answered };
    return answered;
  };
  const update = (user: UserId | undefined, change: ProfileUpdate) =>
    inTurn(user, () => api.updateProfile(change));
  return {
    ownProfile: () => inTurn(self(), () => api.ownProfile()),
    updateProfile: (change) => update(self(), change),
    setPicture: async (picture) => {
      const user = self();
      return update(user, { avatar: picture ? (await files.uploadAvatar(picture)).url : '' });
    },
    privacy: () => api.privacy(),
    updatePrivacy: (change) => api.updatePrivacy(change),
    invisible: () => api.invisible(),
    setInvisible: (invisible) => api.setInvisible(invisible),
    devices: () => api.devices(),
    signOutDevice: (id) => api.signOutDevice(id),
    signOutOtherDevices: () => api.signOutOtherDevices(),
    blockedPeople: () => api.blocked(),
    forgotPassword: (account) => {
      const name = account.trim();
      return api.forgotPassword(name.includes('@') ? { email: name } : { username: name });
    },
    resetPassword: (token, newPassword) => api.resetPassword(token, newPassword),
  };
}
