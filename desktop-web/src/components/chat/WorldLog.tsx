import { useNames } from '@/hooks/useNames';
import { useOpenLog } from '@/hooks/useOpenLog';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import { t } from '@/utils/t';
import { AwaitedLog } from './AwaitedLog';
import { MessageLog } from './MessageLog';

interface WorldLogProps {
  /** The world chat. */
  readonly conversation: Conversation;
  readonly self: UserId;
}

/** What everybody says. */
export function WorldLog({ conversation, self }: WorldLogProps) {
  const nameOf = useNames();
  const { log, failed, retry } = useOpenLog(conversation.id, null);
  if (log)
    return (
      <MessageLog
        conversation={conversation}
        log={log}
        self={self}
        beginning={t('worldBeginning')}
        nameOf={nameOf}
        showsSenders
      />
    );
  return <AwaitedLog failed={failed} onRetry={retry} />;
}
