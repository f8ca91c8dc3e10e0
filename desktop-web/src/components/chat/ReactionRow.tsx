import { client } from '@/services/client';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import type { Reaction } from '@/utils/fold';
import { t } from '@/utils/t';
import styles from './ReactionRow.module.css';

interface ReactionRowProps {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  readonly self: UserId;
  readonly reactions: readonly Reaction[];
  readonly nameOf: (userId: UserId) => string;
  readonly disabled: boolean;
}

/** The reactions to a message. A press joins in, or takes one's own off. */
export function ReactionRow({ conversationId, seq, self, reactions, nameOf, disabled }: ReactionRowProps) {
  return (
    <p className={styles.row}>
      {reactions.map(({ reaction, users }) => {
        const own = users.includes(self);
        const names = users.map((user) => (user === self ? t('you') : nameOf(user))).join(t('listSeparator'));
        const label = t('reactionCount', { reaction, count: users.length, names });
        return (
          <button
            key={reaction}
            type="button"
            className={classes(styles.reaction, own && styles.own)}
            aria-pressed={own}
            aria-label={label}
            title={names}
            disabled={disabled}
            onClick={() => void client.react(conversationId, seq, reaction, own)}
          >
            <span>{reaction}</span>
            <span className={styles.count}>{users.length}</span>
          </button>
        );
      })}
    </p>
  );
}
