import { Navigate, useParams } from 'react-router';
import { ChatPanel } from '@/components/chat/ChatPanel';
import { ConversationList } from '@/components/chat/ConversationList';
import { MissingChat } from '@/components/chat/MissingChat';
import { EmptyState } from '@/components/common/EmptyState';
import { SearchPanel } from '@/components/search/SearchPanel';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useChatStore } from '@/stores/chatStore';
import { useSearchStore } from '@/stores/searchStore';
import shared from '@/theme/shared.module.css';
import { asConversationId, WORLD_CONVERSATION, type Seq } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';

/** The list of chats and the one that is open. */
export function ChatsPage() {
  const { conversationId, seq } = useParams();
  const conversation = useChatStore((state) =>
    conversationId === undefined ? undefined : state.conversations[asConversationId(conversationId)],
  );
  const isSearching = useSearchStore((state) => state.isOpen);
  if (conversationId === WORLD_CONVERSATION) return <Navigate to="/world" replace />;
  return (
    <>
      {isSearching ? (
        <SearchPanel selectedId={conversationId} />
      ) : (
        <ConversationList selectedId={conversationId} />
      )}
      {conversation && <ChatPanel conversation={conversation} seq={seqFrom(seq)} />}
      {!conversation && conversationId !== undefined && <MissingChat key={conversationId} />}
      {conversationId === undefined && (
        <main className={classes(shared.glass, shared.panel)} data-part="main">
          <ConnectionBanner />
          <EmptyState title={t('chooseChat')} text={t('chooseChatText')} />
        </main>
      )}
    </>
  );
}

/** The message of an address; null: it names none. */
function seqFrom(text: string | undefined): Seq | null {
  const seq = Number(text);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : null;
}
