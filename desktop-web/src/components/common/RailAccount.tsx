import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAccountStore } from '@/stores/accountStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { t } from '@/utils/t';
import { Avatar } from './Avatar';
import type { MenuPlace } from '@/hooks/usePopup';
import { useSignOut } from '@/hooks/useSignOut';
import { PopMenu } from './PopMenu';
import styles from './Rail.module.css';

/** The own avatar, with whether this device is connected, and what belongs to the account. */
export function RailAccount() {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const button = useRef<HTMLButtonElement>(null);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const profile = useAccountStore((state) => state.account?.profile);
  const connected = useConnectionStore(
    ({ connection }) => connection.phase === 'online' || connection.phase === 'catchingUp',
  );
  const name = profile?.nickname ?? '';
  const open = () => {
    const { right, top } = button.current?.getBoundingClientRect() ?? { right: 0, top: 0 };
    setMenu({ x: right, y: top });
  };
  const close = (moved: boolean) => {
    setMenu(null);
    if (!moved) button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={styles.account}
        aria-label={t('accountMenu', { name })}
        aria-haspopup="menu"
        aria-expanded={menu !== null}
        onClick={open}
      >
        <Avatar id={profile?.userId ?? ''} name={name} online={connected} />
      </button>
      {menu && (
        <PopMenu
          label={t('accountMenu', { name })}
          place={menu}
          choices={[
            { name: t('profile'), icon: 'user', act: () => void navigate('/settings/profile') },
            { name: t('settings'), icon: 'settings', act: () => void navigate('/settings') },
            { name: t('signOut'), icon: 'exit', danger: true, apart: true, act: signOut },
          ]}
          onClose={close}
        />
      )}
    </>
  );
}
