import { Button } from '@/components/common/Button';
import { Tag } from '@/components/common/Tag';
import type { Answer } from '@/hooks/useHeldAnswers';
import shared from '@/theme/shared.module.css';
import type { FriendRequest } from '@/types/person';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { PersonRow } from './PersonRow';

const OUTCOMES = { accepted: 'accepted', rejected: 'declined', cancelled: 'takenBack' } as const;

interface ReceivedRequestProps {
  readonly request: FriendRequest;
  /** The answer that is about to be sent. */
  readonly held: Answer | undefined;
  readonly onAnswer: (request: FriendRequest, answer: Answer) => void;
}

/** Somebody who wants to be a friend; once answered it says how. */
export function ReceivedRequest({ request, held, onAnswer }: ReceivedRequestProps) {
  const name = request.user.nickname || request.user.username;
  const status = request.status === 'pending' ? (held ?? 'pending') : request.status;
  return (
    <PersonRow
      profile={request.user}
      text={request.message || `@${request.user.username}`}
      time={formatListTime(request.createdAt)}
    >
      {status === 'pending' ? (
        <>
          <Button
            size="small"
            aria-label={t('declineNamed', { name })}
            onClick={() => onAnswer(request, 'rejected')}
          >
            {t('decline')}
          </Button>
          <Button
            size="small"
            type="primary"
            className={shared.primary ?? ''}
            aria-label={t('acceptNamed', { name })}
            onClick={() => onAnswer(request, 'accepted')}
          >
            {t('accept')}
          </Button>
        </>
      ) : (
        <Tag {...(status === 'accepted' ? { tone: 'ok' as const } : {})} text={t(OUTCOMES[status])} />
      )}
    </PersonRow>
  );
}
