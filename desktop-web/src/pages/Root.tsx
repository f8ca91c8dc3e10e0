import { App, ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import { useEffect, useMemo } from 'react';
import { RouterProvider, createBrowserRouter } from 'react-router';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useSettingsStore } from '@/stores/settingsStore';
import { antTheme } from '@/theme/antTheme';
import { THEME_TOKENS } from '@/theme/tokens';
import { routes } from './routes';

const router = createBrowserRouter(routes);

/** Theme, language and addresses around everything. */
export function Root() {
  const theme = useSettingsStore((state) => state.theme);
  const language = useSettingsStore((state) => state.language);
  const calm = useMediaQuery('(prefers-reduced-motion: reduce)');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = language;
    document
      .querySelector<HTMLMetaElement>('meta[name="theme-color"]')
      ?.setAttribute('content', THEME_TOKENS[theme].frame);
  }, [theme, language]);
  const config = useMemo(() => antTheme(theme, !calm), [theme, calm]);
  return (
    <ConfigProvider
      // Texts are read while rendering: another language renders everything anew.
      key={language}
      theme={config}
      // A blank between the two characters of a word is none of the text.
      button={{ autoInsertSpace: false }}
      locale={language === 'zh' ? zhCN : undefined}
    >
      <App component={false}>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>
  );
}
