import type { IconName } from '@/constants/icons';
import type { TextName } from '@/constants/texts/en';

export interface Section {
  readonly id: string;
  readonly icon: IconName;
  readonly title: TextName;
  readonly text: TextName;
  /** A guest has it too. */
  readonly forGuests: boolean;
}

/** The parts of the settings, in the order of the list. */
export const SECTIONS: readonly Section[] = [
  { id: 'profile', icon: 'user', title: 'profile', text: 'sectionProfileText', forGuests: true },
  {
    id: 'password',
    icon: 'lock',
    title: 'sectionPassword',
    text: 'sectionPasswordText',
    forGuests: false,
  },
  {
    id: 'devices',
    icon: 'laptop',
    title: 'sectionDevices',
    text: 'sectionDevicesText',
    forGuests: false,
  },
  {
    id: 'privacy',
    icon: 'shield',
    title: 'sectionPrivacy',
    text: 'sectionPrivacyText',
    forGuests: false,
  },
  { id: 'blocked', icon: 'slash', title: 'sectionBlocked', text: 'sectionBlockedText', forGuests: false },
  {
    id: 'notifications',
    icon: 'bell',
    title: 'sectionNotifications',
    text: 'sectionNotificationsText',
    forGuests: true,
  },
  {
    id: 'appearance',
    icon: 'palette',
    title: 'sectionAppearance',
    text: 'sectionAppearanceText',
    forGuests: true,
  },
  { id: 'storage', icon: 'disk', title: 'sectionStorage', text: 'sectionStorageText', forGuests: true },
  { id: 'about', icon: 'info', title: 'sectionAbout', text: 'sectionAboutText', forGuests: true },
];
