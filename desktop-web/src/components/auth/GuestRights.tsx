import { Icon } from '@/components/common/Icon';
import { t } from '@/utils/t';
import styles from './GuestRights.module.css';

/** What a guest can and cannot do, by shape and words. */
export function GuestRights() {
  return (
    <ul className={styles.rights}>
      <li className={styles.can}>
        <Icon name="check" />
        {t('guestCan')}
      </li>
      <li className={styles.cannot}>
        <Icon name="close" />
        {t('guestCannot')}
      </li>
      <li className={styles.cannot}>
        <Icon name="user" />
        {t('guestName')}
      </li>
    </ul>
  );
}
