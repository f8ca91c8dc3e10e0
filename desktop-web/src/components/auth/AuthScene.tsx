import { Avatar } from '@/components/common/Avatar';
import { t } from '@/utils/t';
import styles from './AuthScene.module.css';

/** A small living conversation beside the card; decoration only. It is drawn here, so that signing in waits for nothing of the chats. */
export function AuthScene() {
  const friend = <Avatar id="1" name="禾" size={32} picture="" />;
  return (
    <div className={styles.scene} aria-hidden="true" inert>
      <p className={styles.row}>
        {friend}
        <span className={styles.bubble}>
          {t('heroQuestion')}
          <span className={styles.meta}>10:41</span>
        </span>
      </p>
      <p className={styles.own}>
        <span className={styles.bubble}>
          {t('heroAnswer')}
          <span className={styles.meta}>
            10:41
            <svg className={styles.mark} viewBox="0 0 20 14">
              <rect width="20" height="14" rx="7" />
              <path d="m4.5 7.2 2.3 2.3L11 5M9.2 8.8l.9.8L14.8 5" />
            </svg>
          </span>
        </span>
      </p>
      <p className={styles.row}>
        {friend}
        <span className={styles.typing}>
          <i />
          <i />
          <i />
        </span>
      </p>
    </div>
  );
}
