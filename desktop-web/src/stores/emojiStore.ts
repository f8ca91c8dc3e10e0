import { create } from 'zustand';
import { TONES, type Tone } from '@/utils/emojiSet';

const KEY = 'im-rs.emoji';
const MAX_RECENT = 24;

interface Kept {
  /** The last picked first, with their tones. */
  readonly recent: readonly string[];
  readonly tone: Tone;
}

export interface EmojiState extends Kept {
  readonly picked: (emoji: string) => void;
  readonly chooseTone: (tone: Tone) => void;
}

/** What was picked lately on this device, and in which skin tone. Kept in localStorage. */
export const useEmojiStore = create<EmojiState>((set, get) => {
  const keep = (change: Partial<Kept>) => {
    set(change);
    const { recent, tone } = get();
    try {
      localStorage.setItem(KEY, JSON.stringify({ recent, tone }));
    } catch {
      // Without room it lives as long as the page.
    }
  };
  return {
    ...kept(),
    picked: (emoji) =>
      keep({ recent: [emoji, ...get().recent.filter((one) => one !== emoji)].slice(0, MAX_RECENT) }),
    chooseTone: (tone) => keep({ tone }),
  };
});

function kept(): Kept {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
    const recent = Array.isArray(value.recent) ? value.recent : [];
    return { recent, tone: TONES.find((tone) => tone === value.tone) ?? 0 };
  } catch {
    return { recent: [], tone: 0 };
  }
}
