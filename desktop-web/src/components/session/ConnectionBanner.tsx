import { Button } from '@/components/common/Button';
import { Icon } from '@/components/common/Icon';
import { CloseCode } from '@/protocol/codes';
import type { IconName } from '@/constants/icons';
import type { TextName } from '@/constants/texts/en';
import { useBanner, type Banner } from '@/hooks/useBanner';
import { useNow } from '@/hooks/useNow';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import shared from '@/theme/shared.module.css';
import type { Connection, OfflineReason } from '@/types/connection';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './ConnectionBanner.module.css';

const TONES: Readonly<Record<Banner, string | undefined>> = {
  connecting: undefined,
  catchingUp: undefined,
  offline: styles.warn,
  fallback: styles.warn,
  restored: styles.ok,
  expired: styles.danger,
  ended: styles.danger,
};

const ICONS: Readonly<Record<Banner, IconName>> = {
  connecting: 'refresh',
  catchingUp: 'refresh',
  offline: 'offline',
  fallback: 'bolt',
  restored: 'check',
  expired: 'alert',
  ended: 'laptop',
};

const REASONS: Readonly<Record<OfflineReason, TextName>> = {
  noNetwork: 'offlineTitle',
  unreachable: 'offlineUnreachable',
  interrupted: 'offlineInterrupted',
  busy: 'offlineBusy',
};

/**
 * The one place that reports the connection. It lies over the top of the log and takes no room, so that nothing that is read moves.
 * The line itself is always there, because readers announce what changes in it; the counting beside it is not announced.
 */
export function ConnectionBanner() {
  const connection = useConnectionStore((state) => state.connection);
  const banner = useBanner(connection);
  const now = useNow(500, banner === 'offline');
  const isSpinning = banner === 'connecting' || banner === 'catchingUp';
  return (
    <div className={styles.place}>
      <div className={classes(banner && styles.banner, banner && TONES[banner])}>
        {banner && <Icon name={ICONS[banner]} spinning={isSpinning} />}
        <span className={classes(banner && styles.text)} role={banner === 'expired' ? 'alert' : 'status'}>
          {banner && lineOf(banner, connection)}
        </span>
        <span className={classes(shared.grow, styles.detail)}>
          {banner && detailOf(banner, connection, now)}
        </span>
        {banner === 'offline' && (
          <Button size="small" icon={<Icon name="refresh" size="small" />} onClick={() => client.retryNow()}>
            {t('retryNow')}
          </Button>
        )}
        {banner === 'expired' && (
          <Button size="small" onClick={() => void client.signInAgain()}>
            {t('signInAgain')}
          </Button>
        )}
        {banner === 'ended' && (
          <Button size="small" onClick={() => client.connectAgain()}>
            {t('kickedHere')}
          </Button>
        )}
      </div>
    </div>
  );
}

function lineOf(banner: Banner, connection: Connection): string {
  switch (banner) {
    case 'offline':
      return t(REASONS[connection.phase === 'offline' ? connection.reason : 'interrupted']);
    case 'catchingUp': {
      const count = connection.phase === 'catchingUp' ? connection.total : 0;
      return count > 0 ? t('catchingUpCount', { count }) : t('catchingUp');
    }
    case 'ended': {
      const elsewhere = connection.phase === 'ended' && connection.code === CloseCode.SignedInElsewhere;
      return t(elsewhere ? 'kickedTitle' : 'endedTitle');
    }
    default:
      return t(banner);
  }
}

function detailOf(banner: Banner, connection: Connection, now: number): string {
  if (banner === 'offline' && connection.phase === 'offline') {
    const { attempt, retryAt } = connection;
    const seconds = Math.ceil((retryAt - now) / 1000);
    return seconds > 0 ? t('offlineRetry', { attempt, seconds }) : t('offlineTrying', { attempt });
  }
  if (banner === 'catchingUp' && connection.phase === 'catchingUp' && connection.total > 0) {
    return t('percent', { percent: Math.round((connection.done / connection.total) * 100) });
  }
  return '';
}
