import { Button } from 'antd';
import { PersonRow } from '@/components/contacts/PersonRow';
import { client } from '@/services/client';
import type { JoinRequest } from '@/types/group';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';

interface JoinRequestRowProps {
  readonly groupId: ConversationId;
  readonly request: JoinRequest;
  /** Runs an action and says when it is refused. */
  readonly run: (action: () => Promise<void>) => Promise<boolean>;
}

/** Somebody who wants to join, to be let in or not. */
export function JoinRequestRow({ groupId, request, run }: JoinRequestRowProps) {
  const { userId, profile, message } = request;
  const answer = (accept: boolean) => void run(() => client.answerJoinRequest(groupId, userId, accept));
  return (
    <PersonRow profile={profile} text={message || `@${profile.username}`}>
      <Button size="small" onClick={() => answer(false)}>
        {t('decline')}
      </Button>
      <Button size="small" type="primary" onClick={() => answer(true)}>
        {t('accept')}
      </Button>
    </PersonRow>
  );
}
