import { useNow } from '@/hooks/useNow';
import { useNotificationStore } from '@/stores/notificationStore';
import { t } from '@/utils/t';
import { PushSetting } from './PushSetting';
import { QuietSetting } from './QuietSetting';
import { SettingRow } from './SettingRow';
import { SettingsCard } from './SettingsCard';
import { SwitchSetting } from './SwitchSetting';

/** How this device notifies. The browser is asked for its permission by a click here, and nowhere else. */
export function NotificationCard() {
  const { permission, desktop, sound, preview, quietUntil, choose, askPermission } = useNotificationStore();
  const now = useNow(30_000, quietUntil > 0);
  const isAllowed = permission === 'granted';
  const setDesktop = async (on: boolean) => choose({ desktop: on && (await askPermission()) });
  return (
    <SettingsCard section="notifications" icon="bell" title={t('sectionNotifications')}>
      {permission === 'unsupported' && <SettingRow label={t('notificationsUnsupported')} />}
      {permission === 'denied' && (
        <SettingRow label={t('notificationsBlocked')} hint={t('notificationsUnblock')} />
      )}
      <SwitchSetting
        label={t('desktopNotifications')}
        hint={t('desktopNotificationsText')}
        on={desktop && isAllowed}
        disabled={permission === 'unsupported' || permission === 'denied'}
        onChange={(on) => void setDesktop(on)}
      />
      <PushSetting />
      <SwitchSetting
        label={t('notificationPreview')}
        hint={t('notificationPreviewText')}
        on={preview}
        onChange={(on) => choose({ preview: on })}
      />
      <SwitchSetting
        label={t('notificationSound')}
        hint={t('notificationSoundText')}
        on={sound}
        onChange={(on) => choose({ sound: on })}
      />
      <QuietSetting until={quietUntil} now={now} onChange={(until) => choose({ quietUntil: until })} />
    </SettingsCard>
  );
}
