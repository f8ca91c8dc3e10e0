import { Link } from 'react-router';
import { Icon } from '@/components/common/Icon';
import shared from '@/theme/shared.module.css';
import { t } from '@/utils/t';
import styles from './GuestBanner.module.css';

/** Says what a guest may do, and offers to become more. */
export function GuestBanner() {
  return (
    <p className={styles.banner}>
      <Icon name="user" />
      <span className={shared.grow}>{t('guestBanner')}</span>
      <Link to="/register">{t('register')}</Link>
    </p>
  );
}
