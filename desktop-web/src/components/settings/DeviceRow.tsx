import { Button } from '@/components/common/Button';
import { Icon } from '@/components/common/Icon';
import { Tag } from '@/components/common/Tag';
import type { IconName } from '@/constants/icons';
import type { Device } from '@/types/account';
import { deviceName } from '@/utils/deviceName';
import { formatAgo } from '@/utils/time';
import { t } from '@/utils/t';
import { SettingRow } from './SettingRow';
import styles from './DevicesCard.module.css';

const ICON_OF: Readonly<Record<string, IconName>> = { ios: 'phone', android: 'phone' };

interface DeviceRowProps {
  readonly device: Device;
  readonly onSignOut: () => void;
}

/** A login: what it is, when it was here, and the way out. */
export function DeviceRow({ device, onSignOut }: DeviceRowProps) {
  const name = deviceName(device);
  const seen = device.online ? t('deviceOnline') : t('deviceSeen', { time: formatAgo(device.lastSeenAt) });
  const hint = device.address ? t('deviceFrom', { seen, address: device.address }) : seen;
  return (
    <li>
      <SettingRow
        label={<b>{name}</b>}
        hint={hint}
        leading={
          <span className={styles.mark}>
            <Icon name={ICON_OF[device.platform] ?? (/iPad/.test(device.userAgent) ? 'tablet' : 'laptop')} />
          </span>
        }
      >
        {device.current ? (
          <Tag tone="ok" text={t('thisDevice')} />
        ) : (
          <Button size="small" aria-label={t('signOutDeviceNamed', { name })} onClick={onSignOut}>
            {t('signOutDevice')}
          </Button>
        )}
      </SettingRow>
    </li>
  );
}
