import { Link } from 'react-router';
import { Icon } from '@/components/common/Icon';
import shared from '@/theme/shared.module.css';
import { t } from '@/utils/t';
import styles from './GuestBanner.module.css';

/** Says what a guest may do, and offers to become more: what was said stays theirs. */
export function GuestBanner() {
  return (
    <div className={styles.banner}>
      <Icon name="user" />
      <p className={shared.grow}>{t('guestBanner')}</p>
      <Link to="/register" className={styles.register ?? ''}>
        {t('register')}
      </Link>
    </div>
  );
}
