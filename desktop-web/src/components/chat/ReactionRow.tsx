import { client } from '@/services/client';
import type { Seq } from '@/types/ids';
import { classes } from '@/utils/classes';
import type { Reaction } from '@/utils/fold';
import { t } from '@/utils/t';
import { useLogShared, useMessageTab } from './logContext';
import styles from './ReactionRow.module.css';

interface ReactionRowProps {
  readonly seq: Seq;
  readonly reactions: readonly Reaction[];
}

/** The reactions to a message. A press joins in, or takes one's own off. */
export function ReactionRow({ seq, reactions }: ReactionRowProps) {
  const { conversationId, self, nameOf, canWrite } = useLogShared();
  const tab = useMessageTab();
  return (
    <p className={styles.row} data-reactions="">
      {reactions.map(({ reaction, users, others }) => {
        const own = users.includes(self);
        const count = users.length + others;
        const known = users.map((user) => (user === self ? t('you') : nameOf(user)));
        const names = (others > 0 ? [...known, `+${others}`] : known).join(t('listSeparator'));
        const label = t('reactionCount', { reaction, count, names });
        return (
          <button
            key={reaction}
            type="button"
            className={classes(styles.reaction, own && styles.own)}
            aria-pressed={own}
            aria-label={label}
            title={names}
            disabled={!canWrite}
            tabIndex={tab}
            onClick={() => void client.react(conversationId, seq, reaction, own)}
          >
            <span>{reaction}</span>
            <span className={styles.count}>{count}</span>
          </button>
        );
      })}
    </p>
  );
}
