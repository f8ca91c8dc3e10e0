import { useContactStore, openRequests } from '@/stores/contactStore';
import { totalUnread, useChatStore } from '@/stores/chatStore';
import { useAccountStore } from '@/stores/accountStore';
import { useSettingsStore } from '@/stores/settingsStore';
import { useBadges } from '@/hooks/useBadges';
import { useTitle } from '@/hooks/useTitle';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { IconButton } from './IconButton';
import { Logo } from './Logo';
import { RailAccount } from './RailAccount';
import { RailItem } from './RailItem';
import styles from './Rail.module.css';

/** The main navigation: at the side, and at the bottom of a small screen. A guest has no chats and contacts. */
export function Rail() {
  const unread = useChatStore(totalUnread);
  const requests = useContactStore(openRequests);
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  // A guest has no list of chats in which to read it.
  useTitle(isGuest ? 0 : unread);
  useBadges(isGuest ? 0 : unread);
  const theme = useSettingsStore((state) => state.theme);
  const chooseTheme = useSettingsStore((state) => state.chooseTheme);
  return (
    <nav className={classes(shared.glass, styles.rail)} data-part="rail" aria-label={t('navigation')}>
      <span className={styles.logo}>
        <Logo />
      </span>
      <div className={styles.items}>
        {!isGuest && (
          <>
            <RailItem
              to="/chats"
              icon="chat"
              label={t('chats')}
              count={unread}
              countLabel={t('unreadCount', { count: unread })}
            />
            <RailItem
              to="/contacts"
              icon="contacts"
              label={t('contacts')}
              count={requests}
              countLabel={t('requestCount', { count: requests })}
            />
          </>
        )}
        <RailItem to="/world" icon="globe" label={t('world')} />
        <RailItem to="/connection" icon="pulse" label={t('navConnection')} />
        <RailItem to="/settings" icon="settings" label={t('settings')} />
      </div>
      <div className={styles.foot}>
        <IconButton
          icon={theme === 'dark' ? 'sun' : 'moon'}
          label={t(theme === 'dark' ? 'switchToLight' : 'switchToDark')}
          onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        />
        <RailAccount />
      </div>
    </nav>
  );
}
