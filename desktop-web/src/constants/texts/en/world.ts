/** The world chat. */
export const world = {
  world: 'World',
  worldTitle: 'World chat',
  worldText: 'Everybody is here.',
  worldAsGuest: 'You are {name}.',
  worldBeginning: 'This is where the world chat begins.',
  guestBanner: 'Guests read and write here; private chats need an account.',
  sendingPaused: 'That was a lot at once. What waits goes out in {seconds} s.',
} as const;
