import { useId, type KeyboardEvent } from 'react';
import { useSettingsStore, type LanguageChoice, type ThemeChoice } from '@/stores/settingsStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { ChoiceSetting } from './ChoiceSetting';
import { SettingsCard } from './SettingsCard';
import { ThemeTile } from './ThemeTile';
import styles from './AppearanceCard.module.css';

const THEMES: readonly ThemeChoice[] = ['dark', 'light', 'system'];

/** How im-rs looks and speaks on this device. */
export function AppearanceCard() {
  const id = useId();
  const theme = useSettingsStore((state) => state.themeChoice);
  const language = useSettingsStore((state) => state.languageChoice);
  const chooseTheme = useSettingsStore((state) => state.chooseTheme);
  const chooseLanguage = useSettingsStore((state) => state.chooseLanguage);
  const labels: Readonly<Record<ThemeChoice, string>> = {
    dark: t('themeDark'),
    light: t('themeLight'),
    system: t('themeSystem'),
  };
  // Radios are one stop of the keyboard; arrows choose.
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = step && THEMES.at((THEMES.indexOf(theme) + step) % THEMES.length);
    if (!next) return;
    event.preventDefault();
    chooseTheme(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-theme-choice='${next}']`)?.focus();
  };
  return (
    <SettingsCard section="appearance" icon="palette" title={t('sectionAppearance')}>
      <div className={styles.tiles} role="radiogroup" aria-labelledby={id} onKeyDown={onKeyDown}>
        <span id={id} className={shared.hidden}>
          {t('theme')}
        </span>
        {THEMES.map((choice) => (
          <ThemeTile
            key={choice}
            choice={choice}
            label={labels[choice]}
            chosen={choice === theme}
            onChoose={() => chooseTheme(choice)}
          />
        ))}
      </div>
      <ChoiceSetting<LanguageChoice>
        label={t('languageSetting')}
        value={language}
        options={[
          // Each language says its own name.
          { value: 'system', label: t('languageSystem') },
          { value: 'en', label: 'English' },
          { value: 'zh', label: '简体中文' },
        ]}
        onChange={(choice) => void chooseLanguage(choice)}
      />
      <p className={classes(shared.caption, shared.faint)}>{t('motionHint')}</p>
    </SettingsCard>
  );
}
