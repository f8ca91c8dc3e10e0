/** How a sign-in ends, and what this device does not keep. */
export const session = {
  notMe: 'Not me, change password',
  expiredTitle: 'Your sign-in has expired',
  expiredText: 'Sign in again to go on. What is on this device can still be read, and nothing is lost.',
  keepReading: 'Keep reading',
  storageUnavailable:
    'This browser keeps nothing on this device: after a reload, everything is fetched anew.',
  storageFull: 'There is no room left on this device: new messages are shown but not kept here.',
  dismiss: 'Dismiss',
} as const;
