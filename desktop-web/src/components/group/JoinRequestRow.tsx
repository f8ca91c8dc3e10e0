import { Button } from '@/components/common/Button';
import { Avatar } from '@/components/common/Avatar';
import { useAction } from '@/hooks/useAction';
import { useNames } from '@/hooks/useNames';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { JoinRequest } from '@/types/group';
import type { ConversationId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './JoinRequestRow.module.css';

interface JoinRequestRowProps {
  readonly groupId: ConversationId;
  readonly request: JoinRequest;
}

/** Somebody who wants to join, to be let in or not. */
export function JoinRequestRow({ groupId, request }: JoinRequestRowProps) {
  const { userId, askedBy, profile, message } = request;
  const { pending, run } = useAction();
  const nameOf = useNames();
  const name = nameOf(userId);
  const answer = (accept: boolean) => void run(() => client.answerJoinRequest(groupId, userId, accept));
  const said = askedBy === userId ? message : t('askedBy', { name: nameOf(askedBy) });
  return (
    <li className={styles.request}>
      <span className={styles.person}>
        <Avatar id={userId} name={name} size={32} />
        <span className={shared.grow}>
          <span className={classes(shared.block, shared.strong, shared.ellipsis)}>{name}</span>
          <span className={styles.said}>{said || `@${profile.username}`}</span>
        </span>
      </span>
      <span className={styles.answers}>
        <Button
          size="small"
          disabled={pending}
          aria-label={`${t('decline')}: ${name}`}
          onClick={() => answer(false)}
        >
          {t('decline')}
        </Button>
        <Button
          size="small"
          type="primary"
          disabled={pending}
          aria-label={`${t('accept')}: ${name}`}
          onClick={() => answer(true)}
        >
          {t('accept')}
        </Button>
      </span>
    </li>
  );
}
