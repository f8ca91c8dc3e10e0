import { Badge } from '@/components/common/Badge';
import { Icon } from '@/components/common/Icon';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './JumpButtons.module.css';

interface JumpButtonsProps {
  /** Messages that were not read. */
  readonly unseen: number;
  /** Of the messages here those that call the user and were not seen. */
  readonly mentions: number;
  readonly onEnd: () => void;
  readonly onMention: () => void;
}

/** Ways from somewhere in a log to its end, and to who called the user. */
export function JumpButtons({ unseen, mentions, onEnd, onMention }: JumpButtonsProps) {
  return (
    <div className={styles.jumps}>
      {mentions > 0 && (
        <button
          type="button"
          className={classes(shared.raised, styles.jump)}
          aria-label={t('jumpToMention', { count: mentions })}
          title={t('jumpToMention', { count: mentions })}
          onClick={onMention}
        >
          <Icon name="at" />
          <Badge className={styles.badge} count={mentions} label="" />
        </button>
      )}
      <button
        type="button"
        className={classes(shared.raised, styles.jump)}
        aria-label={unseen > 0 ? t('jumpToNewestCount', { count: unseen }) : t('jumpToNewest')}
        title={t('jumpToNewest')}
        onClick={onEnd}
      >
        <Icon name="down" />
        <Badge className={styles.badge} count={unseen} label="" />
      </button>
    </div>
  );
}
