import { App, Button } from 'antd';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { FriendRequest } from '@/types/person';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { PersonRow } from './PersonRow';
import { Tag } from '@/components/common/Tag';

const OUTCOMES = { accepted: 'accepted', rejected: 'declined', cancelled: 'takenBack' } as const;

interface ReceivedRequestProps {
  readonly request: FriendRequest;
}

/** Somebody who wants to be a friend; once answered it says how. */
export function ReceivedRequest({ request }: ReceivedRequestProps) {
  const { message } = App.useApp();
  const { pending, run } = useAction();
  const name = request.user.nickname || request.user.username;
  const accept = async () => {
    if (await run(() => client.acceptRequest(request.id))) void message.success(t('friendAdded', { name }));
  };
  return (
    <PersonRow
      profile={request.user}
      text={request.message || `@${request.user.username}`}
      time={formatListTime(request.createdAt)}
    >
      {request.status === 'pending' ? (
        <>
          <Button
            size="small"
            disabled={pending}
            onClick={() => void run(() => client.rejectRequest(request.id))}
          >
            {t('decline')}
          </Button>
          <Button
            size="small"
            type="primary"
            className={shared.primary ?? ''}
            disabled={pending}
            onClick={() => void accept()}
          >
            {t('accept')}
          </Button>
        </>
      ) : (
        <Tag
          {...(request.status === 'accepted' ? { tone: 'ok' as const } : {})}
          text={t(OUTCOMES[request.status])}
        />
      )}
    </PersonRow>
  );
}
