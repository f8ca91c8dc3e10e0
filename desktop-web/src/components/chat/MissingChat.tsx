import { EmptyState } from '@/components/common/EmptyState';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useChatStore } from '@/stores/chatStore';
import { useConnectionStore } from '@/stores/connectionStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { AwaitedLog } from './AwaitedLog';
import { ChatHeader } from './ChatHeader';

/** In place of a chat that is not known: it may be on its way, wait for a connection, or not be there at all. */
export function MissingChat() {
  const loaded = useChatStore((state) => state.loaded);
  const synced = useChatStore((state) => state.synced);
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');
  return (
    <main className={classes(shared.glass, shared.panel)} data-part="main">
      <ChatHeader>
        <h1 className={classes(shared.title, shared.grow, shared.ellipsis)}>{t('unknownChat')}</h1>
      </ChatHeader>
      <ConnectionBanner />
      {loaded && (synced || offline) ? (
        <EmptyState
          title={t('conversationMissing')}
          text={t(synced ? 'conversationMissingText' : 'conversationMissingOffline')}
        />
      ) : (
        <AwaitedLog />
      )}
    </main>
  );
}
