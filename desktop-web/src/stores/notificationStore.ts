import { create } from 'zustand';

const KEY = 'im-rs.notifications';

/** What the user chose on this device. */
export interface NotificationChoices {
  /** Notifications of the desktop while im-rs is open. */
  readonly desktop: boolean;
  readonly sound: boolean;
  /** Notifications say what was written, not only that something was. */
  readonly preview: boolean;
  /** Notifications also while im-rs is closed. */
  readonly push: boolean;
  /** Nothing notifies until then, milliseconds since 1970; 0: it does. */
  readonly quietUntil: number;
}

/** `unsupported`: this browser has no notifications. */
export type Permission = NotificationPermission | 'unsupported';

export interface NotificationState extends NotificationChoices {
  readonly permission: Permission;
  readonly choose: (change: Partial<NotificationChoices>) => void;
  /** Asks the user for the permission, which only a click may do. Says whether it is given. */
  readonly askPermission: () => Promise<boolean>;
}

const DEFAULTS: NotificationChoices = {
  desktop: false,
  sound: true,
  preview: true,
  push: false,
  quietUntil: 0,
};

/** When and how this device notifies. Kept in localStorage, and the same in all tabs. */
export const useNotificationStore = create<NotificationState>((set, get) => ({
  ...readChoices(),
  permission: currentPermission(),
  choose: (change) => {
    set(change);
    const { desktop, sound, preview, push, quietUntil } = get();
    localStorage.setItem(KEY, JSON.stringify({ desktop, sound, preview, push, quietUntil }));
  },
  askPermission: async () => {
    if (currentPermission() !== 'default') return get().permission === 'granted';
    const permission = await Notification.requestPermission();
    set({ permission });
    return permission === 'granted';
  },
}));

/** Follows the other tabs, and what the user allows in the browser itself. */
export function startNotificationChoices(): void {
  addEventListener('storage', ({ key }) => {
    if (key === KEY) useNotificationStore.setState(readChoices());
  });
  // Nothing tells of a permission that is changed in the browser: the user comes back from there.
  document.addEventListener('visibilitychange', () => {
    const permission = currentPermission();
    if (permission !== useNotificationStore.getState().permission)
      useNotificationStore.setState({ permission });
  });
}

function currentPermission(): Permission {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported';
}

function readChoices(): NotificationChoices {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<NotificationChoices>;
    return { ...DEFAULTS, ...kept };
  } catch {
    return DEFAULTS;
  }
}
