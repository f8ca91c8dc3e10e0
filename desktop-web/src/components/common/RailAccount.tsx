import { Dropdown } from 'antd';
import { useNavigate } from 'react-router';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { t } from '@/utils/t';
import { Avatar } from './Avatar';
import styles from './Rail.module.css';

/** The own avatar, with whether this device is connected, and what belongs to the account. */
export function RailAccount() {
  const navigate = useNavigate();
  const profile = useAccountStore((state) => state.account?.profile);
  const connected = useConnectionStore(
    ({ connection }) => connection.phase === 'online' || connection.phase === 'catchingUp',
  );
  const name = profile?.nickname ?? '';
  const items = [
    { key: 'profile', label: t('profile'), onClick: () => void navigate('/settings/profile') },
    { key: 'settings', label: t('settings'), onClick: () => void navigate('/settings') },
    { type: 'divider' as const },
    { key: 'signOut', danger: true, label: t('signOut'), onClick: () => void client.signOut() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']} placement="topRight">
      <button type="button" className={styles.account} aria-label={t('accountMenu', { name })}>
        <Avatar id={profile?.userId ?? ''} name={name} online={connected} />
      </button>
    </Dropdown>
  );
}
