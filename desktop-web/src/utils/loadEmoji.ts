import { parseEmoji, type EmojiGroup } from './emojiSet';
import type { Language } from './t';

/** The emoji of a language are a chunk of their own. */
const CHUNKS: Readonly<Record<Language, () => Promise<string>>> = {
  en: async () => (await import('virtual:emoji/en')).emoji,
  zh: async () => (await import('virtual:emoji/zh')).emoji,
};

/** All emoji, named in a language. Rejects when they cannot be had now; the next call asks for them again. */
export async function loadEmoji(language: Language): Promise<readonly EmojiGroup[]> {
  return parseEmoji(await CHUNKS[language]());
}
