import { useCallback, useMemo } from 'react';
import { useLocation } from 'react-router';
import { IconButton } from '@/components/common/IconButton';
import { Composer } from '@/components/composer/Composer';
import { ComposerBlocked } from '@/components/composer/ComposerBlocked';
import { GroupPanel } from '@/components/group/GroupPanel';
import { SearchButton } from '@/components/search/SearchButton';
import { SearchSteps } from '@/components/search/SearchSteps';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useGroupPanel } from '@/hooks/useGroupPanel';
import { useNames } from '@/hooks/useNames';
import { useNow } from '@/hooks/useNow';
import { useOpenLog } from '@/hooks/useOpenLog';
import { ConversationType } from '@/protocol/codes';
import { useAccountStore } from '@/stores/accountStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { useContactStore } from '@/stores/contactStore';
import { titleOf } from '@/stores/titles';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { Seq, UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { leads, writeBlock } from '@/utils/rights';
import { t } from '@/utils/t';
import { AwaitedLog } from './AwaitedLog';
import { ChatHeader } from './ChatHeader';
import { ChatTitle } from './ChatTitle';
import { MessageLog } from './MessageLog';
import styles from './ChatPanel.module.css';

interface ChatPanelProps {
  readonly conversation: Conversation;
  /** The message that the address leads to. */
  readonly seq?: Seq | null;
}

/** One chat, of two people, a group or the operator: what it is, the log, the composer. */
export function ChatPanel({ conversation, seq = null }: ChatPanelProps) {
  const { key: visit } = useLocation();
  const { id, type, silencedUntil } = conversation;
  const self = useAccountStore((state) => state.account?.userId);
  const { log, failed, retry } = useOpenLog(id, seq);
  const target = useMemo(() => (seq === null ? null : { seq, visit }), [seq, visit]);
  const name = useContactStore((state) => titleOf(conversation, state));
  const names = useNames();
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');
  const side = useGroupPanel();
  const now = useNow(1_000, silencedUntil > 0);
  const block = writeBlock(conversation, now);
  const isGroup = type === ConversationType.Group;
  // The operator has no profile: the conversation says whose words these are.
  const nameOf = useCallback(
    (userId: UserId) => (type === ConversationType.System ? name : names(userId)),
    [type, name, names],
  );

  return (
    <>
      <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
        <ChatHeader>
          <ChatTitle key={id} conversation={conversation} name={name} />
          <SearchButton conversationId={id} />
          {isGroup && (
            <IconButton
              icon="side"
              label={t('groupPanel')}
              aria-expanded={side.shown}
              onClick={side.toggle}
            />
          )}
        </ChatHeader>
        <SearchSteps conversationId={id} />
        <ConnectionBanner />
        {log && self ? (
          <MessageLog
            key={id}
            conversation={conversation}
            log={log}
            self={self}
            beginning={beginningOf(type, name)}
            nameOf={nameOf}
            showsSenders={isGroup}
            canWrite={block === null}
            canModerate={isGroup && leads(conversation)}
            target={target}
          />
        ) : (
          <AwaitedLog key={`awaited-${id}`} failed={failed} onRetry={retry} />
        )}
        {block === null ? (
          <Composer key={`composer-${id}`} conversationId={id} offline={offline} name={isGroup ? name : ''} />
        ) : (
          <ComposerBlocked block={block} until={silencedUntil} now={now} />
        )}
      </main>
      {isGroup && self && (
        <GroupPanel key={`group-${id}`} conversation={conversation} self={self} place={side} />
      )}
    </>
  );
}

function beginningOf(type: ConversationType, name: string): string {
  if (type === ConversationType.Group) return t('startOfGroup', { name });
  return type === ConversationType.System ? t('startOfNotices') : t('startOfChat', { name });
}
