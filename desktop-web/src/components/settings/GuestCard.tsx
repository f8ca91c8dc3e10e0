import { Button } from '@/components/common/Button';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Tag } from '@/components/common/Tag';
import { useAccountStore } from '@/stores/accountStore';
import shared from '@/theme/shared.module.css';
import { t } from '@/utils/t';
import { SettingRow } from './SettingRow';
import { SettingsCard } from './SettingsCard';

/** Who a guest is, and the offer to stay who they are. */
export function GuestCard() {
  const navigate = useNavigate();
  const profile = useAccountStore((state) => state.account?.profile);
  const name = profile?.nickname ?? '';
  return (
    <SettingsCard section="profile" icon="user" title={t('profile')}>
      <SettingRow
        label={<b>{name}</b>}
        hint={`@${profile?.username ?? ''}`}
        leading={<Avatar id={profile?.userId ?? ''} name={name} size={48} ring />}
      >
        <Tag text={t('guestAccount')} />
      </SettingRow>
      <SettingRow label={t('guestOfferTitle')} hint={t('guestOfferText')}>
        <Button type="primary" className={shared.primary ?? ''} onClick={() => void navigate('/register')}>
          {t('register')}
        </Button>
      </SettingRow>
    </SettingsCard>
  );
}
