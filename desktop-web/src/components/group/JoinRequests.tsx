import type { JoinRequest } from '@/types/group';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';
import { JoinRequestRow } from './JoinRequestRow';
import { SideCard } from './SideCard';

interface JoinRequestsProps {
  readonly groupId: ConversationId;
  readonly requests: readonly JoinRequest[];
}

/** Who wants to join, for those who lead the group; nothing when nobody does. */
export function JoinRequests({ groupId, requests }: JoinRequestsProps) {
  if (requests.length === 0) return null;
  return (
    <SideCard label={t('joinRequests')} count={requests.length} tall>
      <ul>
        {requests.map((request) => (
          <JoinRequestRow key={request.userId} groupId={groupId} request={request} />
        ))}
      </ul>
    </SideCard>
  );
}
