import { create } from 'zustand';
import { CHOICES_CACHE, LANGUAGE_ADDRESS } from '@/types/worker';
import { report } from '@/utils/report';
import { speak, type Language } from '@/utils/t';

export type Theme = 'dark' | 'light';

/** What was chosen, or that the system and the browser decide. */
export type ThemeChoice = Theme | 'system';
export type LanguageChoice = Language | 'system';

const THEME_KEY = 'im-rs.theme';
const LANGUAGE_KEY = 'im-rs.language';
const LIGHT = '(prefers-color-scheme: light)';

export interface SettingsState {
  readonly themeChoice: ThemeChoice;
  readonly theme: Theme;
  readonly languageChoice: LanguageChoice;
  /** What the texts on the screen are in. */
  readonly language: Language;
  readonly chooseTheme: (choice: ThemeChoice) => void;
  /** Resolves when the texts are there. */
  readonly chooseLanguage: (choice: LanguageChoice) => Promise<void>;
}

/** How im-rs looks and speaks on this device. Kept in localStorage, and the same in all tabs. */
export const useSettingsStore = create<SettingsState>((set) => ({
  themeChoice: chosenTheme(),
  theme: themeOf(chosenTheme()),
  languageChoice: chosenLanguage(),
  language: languageOf(chosenLanguage()),
  chooseTheme: (themeChoice) => {
    keep(THEME_KEY, themeChoice);
    set({ themeChoice, theme: themeOf(themeChoice) });
  },
  chooseLanguage: async (languageChoice) => {
    keep(LANGUAGE_KEY, languageChoice);
    keepForWorker(languageChoice);
    const language = languageOf(languageChoice);
    await speak(language);
    set({ languageChoice, language });
  },
}));

/** Follows the system and the other tabs. Resolves when the texts are there; for once, before anything is rendered. */
export async function startSettings(): Promise<void> {
  const { language, languageChoice } = useSettingsStore.getState();
  keepForWorker(languageChoice);
  await speak(language);
  matchMedia(LIGHT).addEventListener('change', follow);
  addEventListener('storage', ({ key }) => {
    if (key === THEME_KEY || key === LANGUAGE_KEY) follow();
  });
}

function follow(): void {
  const { chooseTheme, chooseLanguage, languageChoice } = useSettingsStore.getState();
  chooseTheme(chosenTheme());
  if (chosenLanguage() !== languageChoice) void chooseLanguage(chosenLanguage());
}

function keep(key: string, choice: string): void {
  if (choice === 'system') localStorage.removeItem(key);
  else localStorage.setItem(key, choice);
}

/** The service worker, which shows pushes, has no localStorage. */
function keepForWorker(choice: LanguageChoice): void {
  // Pages without TLS have none, and no worker either.
  if (!('caches' in globalThis)) return;
  caches
    .open(CHOICES_CACHE)
    .then(async (cache) => {
      if (choice === 'system') await cache.delete(LANGUAGE_ADDRESS);
      else await cache.put(LANGUAGE_ADDRESS, new Response(choice));
    })
    .catch((error: unknown) => report('the service worker does not know the language', error));
}

function chosenTheme(): ThemeChoice {
  const kept = localStorage.getItem(THEME_KEY);
  return kept === 'dark' || kept === 'light' ? kept : 'system';
}

function themeOf(choice: ThemeChoice): Theme {
  if (choice !== 'system') return choice;
  return matchMedia(LIGHT).matches ? 'light' : 'dark';
}

function chosenLanguage(): LanguageChoice {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  return kept === 'en' || kept === 'zh' ? kept : 'system';
}

function languageOf(choice: LanguageChoice): Language {
  if (choice !== 'system') return choice;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
