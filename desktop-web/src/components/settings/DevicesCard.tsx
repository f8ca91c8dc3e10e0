import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { useLoaded } from '@/hooks/useLoaded';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import type { Device } from '@/types/account';
import { deviceName } from '@/utils/deviceName';
import { errorText, t } from '@/utils/t';
import { CardState } from './CardState';
import { DeviceRow } from './DeviceRow';
import { SettingsCard } from './SettingsCard';
import styles from './DevicesCard.module.css';

const load = () => client.devices();

interface DevicesCardProps {
  readonly save: Save;
}

/** Where the account is signed in, this device first. Each other one can be signed out, which asks once. */
export function DevicesCard({ save }: DevicesCardProps) {
  const { message, modal } = useFeedback();
  const loaded = useLoaded(load);
  const devices = [...(loaded.value ?? [])].sort((a, b) => Number(b.current) - Number(a.current));
  const others = devices.filter((device) => !device.current);
  const ask = (
    title: string,
    change: () => Promise<void>,
    stays: (device: Device) => boolean,
    said: string,
  ) =>
    void modal.confirm({
      title,
      content: t('signOutDeviceText'),
      icon: null,
      okText: t('signOutDevice'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: async () => {
        const failure = await save(change);
        if (failure !== null) return void message.error(errorText(failure));
        loaded.set((shown) => shown?.filter(stays));
        void message.success(said);
      },
    });
  const signOut = (device: Device) => {
    const name = deviceName(device);
    ask(
      t('signOutDeviceTitle', { name }),
      () => client.signOutDevice(device.id),
      ({ id }) => id !== device.id,
      t('deviceSignedOut', { name }),
    );
  };
  const signOutOthers = () =>
    ask(
      t('signOutOthersTitle'),
      () => client.signOutOtherDevices(),
      ({ current }) => current,
      t('othersSignedOut'),
    );
  return (
    <SettingsCard section="devices" icon="laptop" title={t('sectionDevices')}>
      <CardState loaded={loaded} rows={4} />
      <ul>
        {devices.map((device) => (
          <DeviceRow key={device.id} device={device} onSignOut={() => signOut(device)} />
        ))}
      </ul>
      {others.length > 1 && (
        <div className={styles.all}>
          <Button danger size="small" onClick={signOutOthers}>
            {t('signOutOthers')}
          </Button>
        </div>
      )}
    </SettingsCard>
  );
}
