/** The emoji picker. */
export const emoji = {
  emojiSearch: 'Search emoji',
  emojiCategories: 'Categories',
  emojiRecent: 'Recently used',
  emojiFaces: 'Smileys and emotion',
  emojiPeople: 'People',
  emojiNature: 'Animals and nature',
  emojiFood: 'Food and drink',
  emojiTravel: 'Travel and places',
  emojiActivities: 'Activities',
  emojiObjects: 'Objects',
  emojiSymbols: 'Symbols',
  emojiFlags: 'Flags',
  emojiFound: 'Found emoji',
  emojiNone: 'No emoji here.',
  emojiTone: 'Skin tone',
  emojiToneNumber: 'Skin tone {number}',
} as const;
