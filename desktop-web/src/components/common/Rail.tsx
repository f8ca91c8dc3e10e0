import { Dropdown } from 'antd';
import { NavLink } from 'react-router';
import { useContactStore, openRequests } from '@/stores/contactStore';
import { totalUnread, useChatStore } from '@/stores/chatStore';
import { useAccountStore } from '@/stores/accountStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { useSettingsStore } from '@/stores/settingsStore';
import { useTitle } from '@/hooks/useTitle';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { Avatar } from './Avatar';
import { Badge } from './Badge';
import { Icon } from './Icon';
import { IconButton } from './IconButton';
import { Logo } from './Logo';
import styles from './Rail.module.css';

/** The main navigation: at the side, and at the bottom of a small screen. A guest has the world chat only. */
export function Rail() {
  const unread = useChatStore(totalUnread);
  const requests = useContactStore(openRequests);
  const profile = useAccountStore((state) => state.account?.profile);
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  // A guest has no list of chats in which to read it.
  useTitle(isGuest ? 0 : unread);
  const connected = useConnectionStore(
    ({ connection }) => connection.phase === 'online' || connection.phase === 'catchingUp',
  );
  const theme = useSettingsStore((state) => state.theme);
  const chooseTheme = useSettingsStore((state) => state.chooseTheme);
  const name = profile?.nickname ?? '';
  const menu = { items: [{ key: 'signOut', label: t('signOut'), onClick: () => void client.signOut() }] };
  return (
    <nav className={classes(shared.glass, styles.rail)} data-part="rail" aria-label={t('navigation')}>
      <span className={styles.logo}>
        <Logo />
      </span>
      <div className={styles.items}>
        {!isGuest && (
          <>
            <NavLink className={styles.item ?? ''} to="/chats" title={t('chats')}>
              <Icon name="chat" />
              <span className={styles.label}>{t('chats')}</span>
              <Badge className={styles.badge} count={unread} label={t('unreadCount', { count: unread })} />
            </NavLink>
            <NavLink className={styles.item ?? ''} to="/contacts" title={t('contacts')}>
              <Icon name="contacts" />
              <span className={styles.label}>{t('contacts')}</span>
              <Badge
                className={styles.badge}
                count={requests}
                label={t('requestCount', { count: requests })}
              />
            </NavLink>
          </>
        )}
        <NavLink className={styles.item ?? ''} to="/world" title={t('world')}>
          <Icon name="globe" />
          <span className={styles.label}>{t('world')}</span>
        </NavLink>
      </div>
      <div className={styles.foot}>
        <IconButton
          icon={theme === 'dark' ? 'sun' : 'moon'}
          label={t(theme === 'dark' ? 'switchToLight' : 'switchToDark')}
          onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        />
        <Dropdown menu={menu} trigger={['click']} placement="topRight">
          <button type="button" className={styles.account} aria-label={t('accountMenu', { name })}>
            <Avatar id={profile?.userId ?? ''} name={name} online={connected} />
          </button>
        </Dropdown>
      </div>
    </nav>
  );
}
