import { create } from 'zustand';

export type Theme = 'dark' | 'light';

const THEME_KEY = 'im-rs.theme';

export interface SettingsState {
  readonly theme: Theme;
  readonly toggleTheme: () => void;
}

/** What the user chose on this device; without a choice the system's theme holds. */
export const useSettingsStore = create<SettingsState>((set) => ({
  theme: initialTheme(),
  toggleTheme: () =>
    set((state) => {
      const theme: Theme = state.theme === 'dark' ? 'light' : 'dark';
      localStorage.setItem(THEME_KEY, theme);
      return { theme };
    }),
}));

function initialTheme(): Theme {
  const chosen = localStorage.getItem(THEME_KEY);
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}
