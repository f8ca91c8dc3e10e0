import { Fragment, useEffect } from 'react';
import { RouterProvider, createBrowserRouter } from 'react-router';
import { loadAnt } from '@/components/ant/parts';
import { Feedback } from '@/components/feedback/Feedback';
import { useSettingsStore } from '@/stores/settingsStore';
import { THEME_TOKENS } from '@/theme/tokens';
import { report } from '@/utils/report';
import { routes } from './routes';

const router = createBrowserRouter(routes);

/** How long a page has to itself before what the first dialog needs is loaded, milliseconds. */
const DIALOGS_AFTER_MS = 4_000;

/** Theme, language and addresses around everything. */
export function Root() {
  const theme = useSettingsStore((state) => state.theme);
  const language = useSettingsStore((state) => state.language);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = language;
    document
      .querySelector<HTMLMetaElement>('meta[name="theme-color"]')
      ?.setAttribute('content', THEME_TOKENS[theme].frame);
  }, [theme, language]);
  useEffect(() => {
    const timer = setTimeout(
      () => loadAnt().catch((error: unknown) => report('dialogs could not be loaded', error)),
      DIALOGS_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, []);
  return (
    // Texts are read while rendering: another language renders everything anew.
    <Fragment key={language}>
      <RouterProvider router={router} />
      <Feedback />
    </Fragment>
  );
}
