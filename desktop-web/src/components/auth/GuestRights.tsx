import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import { Tag } from '@/components/common/Tag';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './GuestRights.module.css';

/** Who a guest is, and what they can and cannot do, by shape and words. */
export function GuestRights() {
  return (
    <>
      <div className={styles.guest}>
        <Avatar id="8" name={t('guest')} size={48} ring picture="" />
        <span className={shared.grow}>
          <b className={shared.block}>{t('guest')}</b>
          <span className={classes(shared.caption, shared.muted)}>{t('guestName')}</span>
        </span>
        <Tag text={t('noAccountNeeded')} />
      </div>
      <ul className={styles.rights}>
        <li className={styles.can}>
          <Icon name="check" size="small" />
          {t('guestCan')}
        </li>
        <li className={styles.cannot}>
          <Icon name="close" size="small" />
          {t('guestCannot')}
        </li>
      </ul>
    </>
  );
}
