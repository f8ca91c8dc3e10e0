import { ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import { useMemo, type ReactNode } from 'react';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useSettingsStore } from '@/stores/settingsStore';
import { antTheme } from '@/theme/antTheme';

interface AntThemeProps {
  readonly children: ReactNode;
}

/** Our theme and language around a part of Ant Design. */
export function AntTheme({ children }: AntThemeProps) {
  const theme = useSettingsStore((state) => state.theme);
  const language = useSettingsStore((state) => state.language);
  const calm = useMediaQuery('(prefers-reduced-motion: reduce)');
  const config = useMemo(() => antTheme(theme, !calm), [theme, calm]);
  // The wave of a click is drawn by a React root of its own, which the theme's `motion` does not reach.
  const wave = useMemo(() => ({ disabled: calm }), [calm]);
  return (
    <ConfigProvider theme={config} wave={wave} locale={language === 'zh' ? zhCN : undefined}>
      {children}
    </ConfigProvider>
  );
}
