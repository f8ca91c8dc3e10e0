import { Button } from 'antd';
import { Icon } from '@/components/common/Icon';
import { useBanner } from '@/hooks/useBanner';
import { useNow } from '@/hooks/useNow';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import shared from '@/theme/shared.module.css';
import type { Connection } from '@/types/connection';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './ConnectionBanner.module.css';

/** The one place that reports the connection, over the log. Nothing while all is well. */
export function ConnectionBanner() {
  const connection = useConnectionStore((state) => state.connection);
  const banner = useBanner(connection);
  const now = useNow(500, banner === 'offline');
  switch (banner) {
    case 'connecting':
      return (
        <p className={styles.banner} role="status">
          <Icon name="refresh" spinning />
          <span className={shared.grow}>{t('connecting')}</span>
        </p>
      );
    case 'offline':
      return (
        <div className={classes(styles.banner, styles.warn)} role="status">
          <Icon name="offline" />
          <span className={shared.grow}>
            <b>{t('offlineTitle')}</b>
            <span className={classes(shared.muted, shared.notMobile)}> · {offlineText(connection, now)}</span>
          </span>
          <Button size="small" icon={<Icon name="refresh" size="small" />} onClick={() => client.retryNow()}>
            {t('retryNow')}
          </Button>
        </div>
      );
    case 'catchingUp':
      return (
        <p className={styles.banner} role="status">
          <Icon name="refresh" spinning />
          <span className={shared.grow}>{catchUpText(connection)}</span>
          <span className={styles.number}>{percentText(connection)}</span>
        </p>
      );
    case 'fallback':
      return (
        <p className={classes(styles.banner, styles.warn)} role="status">
          <Icon name="bolt" />
          <span className={shared.grow}>{t('fallback')}</span>
        </p>
      );
    case 'restored':
      return (
        <p className={classes(styles.banner, styles.ok)} role="status">
          <Icon name="check" />
          <span className={shared.grow}>{t('restored')}</span>
        </p>
      );
    case 'expired':
      return (
        <div className={classes(styles.banner, styles.danger)} role="alert">
          <Icon name="alert" />
          <span className={shared.grow}>{t('expired')}</span>
          <Button size="small" onClick={() => void client.signOut()}>
            {t('signInAgain')}
          </Button>
        </div>
      );
    case null:
      return null;
  }
}

function offlineText(connection: Connection, now: number): string {
  if (connection.phase !== 'offline') return '';
  const { attempt, retryAt } = connection;
  const seconds = Math.ceil((retryAt - now) / 1000);
  return seconds > 0 ? t('offlineRetry', { attempt, seconds }) : t('offlineTrying', { attempt });
}

function catchUpText(connection: Connection): string {
  const total = connection.phase === 'catchingUp' ? connection.total : 0;
  return total > 0 ? t('catchingUpCount', { count: total }) : t('catchingUp');
}

function percentText(connection: Connection): string {
  if (connection.phase !== 'catchingUp' || connection.total === 0) return '';
  return t('percent', { percent: Math.round((connection.done / connection.total) * 100) });
}
