import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useEffect, useMemo } from 'react';
import { RouterProvider, createBrowserRouter } from 'react-router';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useSettingsStore } from '@/stores/settingsStore';
import { antTheme } from '@/theme/antTheme';
import { language } from '@/utils/t';
import { routes } from './routes';

const router = createBrowserRouter(routes);

/** Theme, language and addresses around everything. */
export function Root() {
  const theme = useSettingsStore((state) => state.theme);
  const calm = useMediaQuery('(prefers-reduced-motion: reduce)');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = language;
  }, [theme]);
  const config = useMemo(() => antTheme(theme, !calm), [theme, calm]);
  return (
    <ConfigProvider theme={config} locale={language === 'zh' ? zhCN : enUS}>
      <App component={false}>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>
  );
}
