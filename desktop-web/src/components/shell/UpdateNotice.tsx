import { Button } from '@/components/common/Button';
import { useState } from 'react';
import { Icon } from '@/components/common/Icon';
import { IconButton } from '@/components/common/IconButton';
import { usePageStore } from '@/stores/pageStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './UpdateNotice.module.css';

/** Says quietly that a newer version is there. It comes with the next loading of the page, whenever that is. */
export function UpdateNotice() {
  const isReady = usePageStore((state) => state.updateReady);
  const [isDismissed, setIsDismissed] = useState(false);
  const isShown = isReady && !isDismissed;
  return (
    <div className={styles.place} role="status">
      {isShown && (
        <div className={classes(shared.raised, styles.notice)}>
          <Icon name="refresh" size="small" />
          <span className={shared.grow}>{t('updateReady')}</span>
          <Button size="small" onClick={() => location.reload()}>
            {t('reload')}
          </Button>
          <IconButton icon="close" label={t('dismiss')} onClick={() => setIsDismissed(true)} />
        </div>
      )}
    </div>
  );
}
