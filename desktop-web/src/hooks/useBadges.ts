import { useEffect } from 'react';
import { useSettingsStore } from '@/stores/settingsStore';
import { THEME_TOKENS } from '@/theme/tokens';
import { asDataUrl, withBadge } from '@/utils/favicon';
import { report } from '@/utils/report';

const LOGO = '/favicon.svg';
let logo: Promise<string> | null = null;

/** Puts what is unread on the picture of the tab, and on that of the installed app where the system has it. */
export function useBadges(unread: number): void {
  const theme = useSettingsStore((state) => state.theme);
  useEffect(() => {
    const { dangerFill, onAccent, raised } = THEME_TOKENS[theme];
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    let isCurrent = true;
    showAppBadge(unread);
    // A logo without a dot needs no drawing, and most pages begin with one.
    if (!link || (unread === 0 && !link.href.startsWith('data:'))) return;
    readLogo().then(
      (svg) => {
        if (!isCurrent) return;
        const colours = { fill: dangerFill, text: onAccent, ring: raised };
        link.href = unread > 0 ? asDataUrl(withBadge(svg, unread, colours)) : LOGO;
      },
      (error: unknown) => report('the logo could not be read', error),
    );
    return () => {
      isCurrent = false;
    };
  }, [unread, theme]);
}

function readLogo(): Promise<string> {
  logo ??= fetch(LOGO).then((response) => response.text());
  return logo;
}

function showAppBadge(unread: number): void {
  if (!('setAppBadge' in navigator)) return;
  const shown = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge();
  // A browser may have it and refuse it to what is not installed.
  shown.catch(() => undefined);
}
