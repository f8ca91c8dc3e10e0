import type { FriendRequest } from '@/types/person';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { PersonRow } from './PersonRow';
import { Tag } from '@/components/common/Tag';

interface SentRequestProps {
  readonly request: FriendRequest;
}

/** Somebody who was asked, and what became of it. */
export function SentRequest({ request }: SentRequestProps) {
  return (
    <PersonRow
      profile={request.user}
      text={request.message || `@${request.user.username}`}
      time={formatListTime(request.createdAt)}
    >
      {request.status === 'pending' && <Tag tone="warn" text={t('waiting')} />}
      {request.status === 'accepted' && <Tag tone="ok" text={t('accepted')} />}
      {request.status === 'rejected' && <Tag text={t('declined')} />}
      {request.status === 'cancelled' && <Tag text={t('takenBack')} />}
    </PersonRow>
  );
}
