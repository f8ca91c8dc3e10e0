import { useEffect } from 'react';
import { AwaitedLog } from '@/components/chat/AwaitedLog';
import { GuestBanner } from '@/components/chat/GuestBanner';
import { SendingPause } from '@/components/chat/SendingPause';
import { WorldLog } from '@/components/chat/WorldLog';
import { Icon } from '@/components/common/Icon';
import { Composer } from '@/components/composer/Composer';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useConnectionStore } from '@/stores/connectionStore';
import shared from '@/theme/shared.module.css';
import { WORLD_CONVERSATION } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './WorldPage.module.css';

/** The chat that everybody is in, guests too. It has no list beside it. */
export function WorldPage() {
  const account = useAccountStore((state) => state.account);
  const conversation = useChatStore((state) => state.conversations[WORLD_CONVERSATION]);
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');

  // Everybody writes here: it comes live only while somebody looks at it.
  useEffect(() => {
    client.follow(WORLD_CONVERSATION);
    return () => client.unfollow(WORLD_CONVERSATION);
  }, []);

  return (
    <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
      <header className={classes(shared.header, shared.headerLine)}>
        <span className={styles.mark}>
          <Icon name="globe" />
        </span>
        <div className={shared.grow}>
          <h1 className={classes(shared.title, shared.ellipsis)}>{t('worldTitle')}</h1>
          <p className={classes(shared.caption, shared.muted, shared.ellipsis)}>
            {account?.isGuest ? t('worldAsGuest', { name: account.profile.nickname }) : t('worldText')}
          </p>
        </div>
      </header>
      {account?.isGuest && <GuestBanner />}
      <ConnectionBanner />
      {conversation && account ? (
        <>
          <WorldLog conversation={conversation} self={account.userId} />
          <SendingPause conversationId={WORLD_CONVERSATION} />
          <Composer conversationId={WORLD_CONVERSATION} offline={offline} />
        </>
      ) : (
        <AwaitedLog failed={offline} onRetry={() => client.retryNow()} />
      )}
    </main>
  );
}
