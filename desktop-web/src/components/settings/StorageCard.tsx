import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { useState } from 'react';
import { useLoaded } from '@/hooks/useLoaded';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import { deviceStorage, keepDeviceStorage } from '@/utils/deviceStorage';
import { errorText, t } from '@/utils/t';
import { formatBytes } from '@/utils/text';
import { Tag } from '@/components/common/Tag';
import { CardState } from './CardState';
import { SettingRow } from './SettingRow';
import { SettingsCard } from './SettingsCard';

interface StorageCardProps {
  readonly save: Save;
}

/** What this device keeps: how much it is, that it stays, and forgetting it. */
export function StorageCard({ save }: StorageCardProps) {
  const { message, modal } = useFeedback();
  const loaded = useLoaded(deviceStorage);
  const [refused, setRefused] = useState(false);
  const now = loaded.value;
  const keep = async () => {
    const kept = await keepDeviceStorage();
    setRefused(!kept);
    if (now) loaded.set({ ...now, kept });
  };
  const clear = () =>
    void modal.confirm({
      title: t('clearHistoryTitle'),
      content: t('clearHistoryText'),
      icon: null,
      okText: t('clearHistory'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: async () => {
        const failure = await save(() => client.clearHistory());
        if (failure !== null) return void message.error(errorText(failure));
        void message.success(t('historyCleared'));
        loaded.set(await deviceStorage());
      },
    });
  return (
    <SettingsCard section="storage" icon="disk" title={t('sectionStorage')}>
      <CardState loaded={loaded} rows={3} />
      {now && (
        <>
          <SettingRow
            label={
              now.used === null ? t('storageUnknown') : t('storageUsed', { used: formatBytes(now.used) })
            }
            {...(now.quota ? { hint: t('storageOf', { quota: formatBytes(now.quota) }) } : {})}
          />
          {now.kept !== null && (
            <SettingRow label={t('keepStorage')} hint={t(refused ? 'keepStorageRefused' : 'keepStorageHint')}>
              {now.kept ? (
                <Tag tone="ok" text={t('keepStorageOn')} />
              ) : (
                <Button size="small" onClick={() => void keep()}>
                  {t('keepStorageAction')}
                </Button>
              )}
            </SettingRow>
          )}
        </>
      )}
      <SettingRow label={t('clearHistory')} hint={t('clearHistoryHint')}>
        <Button size="small" danger aria-label={t('clearHistory')} onClick={clear}>
          {t('clear')}
        </Button>
      </SettingRow>
    </SettingsCard>
  );
}
