import { Navigate, useParams } from 'react-router';
import { ChatPanel } from '@/components/chat/ChatPanel';
import { ConversationList } from '@/components/chat/ConversationList';
import { EmptyState } from '@/components/common/EmptyState';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useChatStore } from '@/stores/chatStore';
import shared from '@/theme/shared.module.css';
import { asConversationId, WORLD_CONVERSATION } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';

/** The list of chats and the one that is open. */
export function ChatsPage() {
  const { conversationId } = useParams();
  const conversation = useChatStore((state) =>
    conversationId === undefined ? undefined : state.conversations[asConversationId(conversationId)],
  );
  const synced = useChatStore((state) => state.synced);
  if (conversationId === WORLD_CONVERSATION) return <Navigate to="/world" replace />;
  return (
    <>
      <ConversationList selectedId={conversationId} />
      {conversation ? (
        <ChatPanel conversation={conversation} />
      ) : (
        <main className={classes(shared.glass, shared.panel)} data-part="main">
          <ConnectionBanner />
          {conversationId === undefined ? (
            <EmptyState title={t('chooseChat')} text={t('chooseChatText')} />
          ) : (
            synced && <EmptyState title={t('conversationMissing')} text={t('conversationMissingText')} />
          )}
        </main>
      )}
    </>
  );
}
