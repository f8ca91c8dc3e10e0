import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { IconButton } from '@/components/common/IconButton';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { nameOf, useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { Composer } from './Composer';
import { MessageLog } from './MessageLog';
import styles from './ChatPanel.module.css';

interface ChatPanelProps {
  readonly conversation: Conversation;
}

/** One private chat: who it is with, the log, the composer. */
export function ChatPanel({ conversation }: ChatPanelProps) {
  const navigate = useNavigate();
  const { id, peerId } = conversation;
  const self = useAccountStore((state) => state.account?.userId);
  const log = useChatStore((state) => state.logs[id]);
  const name = useContactStore((state) => (peerId ? nameOf(state, peerId) : '')) || t('unknownPerson');
  const online = useContactStore((state) => (peerId ? (state.online[peerId] ?? false) : false));
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');
  const isOpen = log !== undefined;

  useEffect(() => {
    if (!isOpen) void client.openLog(id);
  }, [id, isOpen]);

  return (
    <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
      <header className={classes(shared.header, shared.headerLine, styles.header)}>
        <span className={shared.onlyMobile}>
          <IconButton icon="back" label={t('back')} onClick={() => void navigate('/chats')} />
        </span>
        <Avatar id={peerId ?? id} name={name} online={online} />
        <div className={shared.grow}>
          <h2 className={shared.ellipsis}>{name}</h2>
          <p className={classes(shared.caption, shared.muted)}>{t(online ? 'online' : 'offline')}</p>
        </div>
      </header>
      <ConnectionBanner />
      {log && self ? (
        <MessageLog
          key={id}
          conversation={conversation}
          log={log}
          self={self}
          beginning={t('startOfChat', { name })}
          senderName={() => name}
        />
      ) : (
        <div className={shared.grow} />
      )}
      <Composer key={`composer-${id}`} conversationId={id} offline={offline} />
    </main>
  );
}
