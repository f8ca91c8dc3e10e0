import { useState } from 'react';
import { Icon } from '@/components/common/Icon';
import { IconButton } from '@/components/common/IconButton';
import { useConnectionStore } from '@/stores/connectionStore';
import { t } from '@/utils/t';
import styles from './StorageNotice.module.css';

/** A quiet line that says what is not kept on this device. All else works, so it goes when it was read. */
export function StorageNotice() {
  const storage = useConnectionStore((state) => state.storage);
  const [read, setRead] = useState<typeof storage>('kept');
  if (storage === 'kept' || storage === read) return null;
  return (
    <div className={styles.notice} role="status">
      <Icon name="alert" size="small" />
      <p className={styles.text}>{t(storage === 'full' ? 'storageFull' : 'storageUnavailable')}</p>
      <IconButton icon="close" label={t('dismiss')} onClick={() => setRead(storage)} />
    </div>
  );
}
