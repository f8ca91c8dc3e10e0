import { Icon } from '@/components/common/Icon';
import { QUICK_REACTIONS } from '@/constants/reactions';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './ReactionChoices.module.css';

interface ReactionChoicesProps {
  /** The user's own reactions to the message. */
  readonly reacted: readonly string[];
  readonly onReact: (reaction: string, remove: boolean) => void;
  /** Another one is wanted. */
  readonly onMore: () => void;
}

/** The usual reactions, as items of a menu, and the way to all others. */
export function ReactionChoices({ reacted, onReact, onMore }: ReactionChoicesProps) {
  return (
    <div className={styles.reactions} role="group" aria-label={t('react')}>
      {QUICK_REACTIONS.map((reaction) => {
        const own = reacted.includes(reaction);
        return (
          <button
            key={reaction}
            type="button"
            className={classes(styles.reaction, own && styles.own)}
            role="menuitemcheckbox"
            aria-checked={own}
            aria-label={t('reactWith', { reaction })}
            title={t('reactWith', { reaction })}
            tabIndex={-1}
            onClick={() => onReact(reaction, own)}
          >
            {reaction}
          </button>
        );
      })}
      <button
        type="button"
        className={styles.reaction}
        role="menuitem"
        aria-label={t('moreReactions')}
        title={t('moreReactions')}
        tabIndex={-1}
        onClick={onMore}
      >
        <Icon name="smile" />
      </button>
    </div>
  );
}
