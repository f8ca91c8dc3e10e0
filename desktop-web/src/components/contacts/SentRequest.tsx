import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { Tag } from '@/components/common/Tag';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import type { FriendRequest } from '@/types/person';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { PersonRow } from './PersonRow';

interface SentRequestProps {
  readonly request: FriendRequest;
}

/** Somebody who was asked, and what became of it. One that waits can be taken back. */
export function SentRequest({ request }: SentRequestProps) {
  const { message } = useFeedback();
  const { pending, run } = useAction();
  const name = request.user.nickname || request.user.username;
  const takeBack = async () => {
    if (await run(() => client.cancelRequest(request.id))) void message.success(t('requestTakenBack'));
  };
  return (
    <PersonRow
      profile={request.user}
      text={request.message || `@${request.user.username}`}
      time={formatListTime(request.createdAt)}
    >
      {request.status === 'pending' && (
        <>
          <Tag tone="warn" text={t('waiting')} />
          <Button
            size="small"
            type="text"
            aria-label={t('takeBackNamed', { name })}
            loading={pending}
            onClick={() => void takeBack()}
          >
            {t('takeBack')}
          </Button>
        </>
      )}
      {request.status === 'accepted' && <Tag tone="ok" text={t('accepted')} />}
      {request.status === 'rejected' && <Tag text={t('declined')} />}
      {request.status === 'cancelled' && <Tag text={t('takenBack')} />}
    </PersonRow>
  );
}
