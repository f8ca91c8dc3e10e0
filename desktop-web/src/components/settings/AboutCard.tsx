import { Button } from '@/components/common/Button';
import { Icon } from '@/components/common/Icon';
import { useSignOut } from '@/hooks/useSignOut';
import { t } from '@/utils/t';
import { SettingRow } from './SettingRow';
import { SettingsCard } from './SettingsCard';

/** Which release this is, and the way out. */
export function AboutCard() {
  const signOut = useSignOut();
  return (
    <SettingsCard section="about" icon="info" title={t('sectionAbout')}>
      <SettingRow label={t('version', { version: __APP_VERSION__ })} hint={t('aboutText')}>
        <Button danger size="small" icon={<Icon name="exit" size="small" />} onClick={signOut}>
          {t('signOut')}
        </Button>
      </SettingRow>
    </SettingsCard>
  );
}
