import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';
import type { Blocked, Device, OwnProfile, Privacy, PrivacyUpdate, ProfileUpdate } from '@/types/account';

/** The own account and its settings. REST only: each tab asks itself. Rejects with ApiError. */
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

/** `onProfile`: what others see of the user is now so. */
export function ownAccountOf(
  api: Api,
  files: Files,
  onProfile: (nickname: string, avatar: string) => void,
): OwnAccount {
  const seen = (profile: OwnProfile) => {
    onProfile(profile.nickname, profile.avatar);
    return profile;
  };
  // One after the other: each answer tells the whole profile, and an older one that came later would bring back what was before.
  let last: Promise<unknown> = Promise.resolve();
  const updateProfile = (change: ProfileUpdate) => {
    const update = async () => seen(await api.updateProfile(change));
    const updated = last.then(update, update);
    last = updated;
    return updated;
  };
  return {
    ownProfile: async () => seen(await api.ownProfile()),
    updateProfile,
    setPicture: async (picture) =>
      updateProfile({ avatar: picture ? (await files.uploadAvatar(picture)).url : '' }),
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
