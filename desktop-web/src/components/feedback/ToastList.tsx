import { Icon } from '@/components/common/Icon';
import type { IconName } from '@/constants/icons';
import { useFeedbackStore, type ToastKind } from '@/stores/feedbackStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import styles from './ToastList.module.css';

const ICONS: Readonly<Partial<Record<ToastKind, IconName>>> = {
  success: 'check',
  error: 'alert',
  info: 'info',
};

/** Short words that go by themselves. Readers hear them when they come. */
export function ToastList() {
  const toasts = useFeedbackStore((state) => state.toasts);
  return (
    <div className={styles.list} aria-live="polite" aria-relevant="additions">
      {toasts.map(({ key, kind, content }) => {
        const icon = ICONS[kind];
        return (
          <div key={key} className={classes(shared.raised, styles.toast)}>
            {icon && (
              <span className={styles[kind]}>
                <Icon name={icon} size="small" />
              </span>
            )}
            <span>{content}</span>
          </div>
        );
      })}
    </div>
  );
}
