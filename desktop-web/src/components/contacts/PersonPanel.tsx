import { Button } from '@/components/common/Button';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { EmptyState } from '@/components/common/EmptyState';
import { IconButton } from '@/components/common/IconButton';
import { RowSkeleton } from '@/components/common/RowSkeleton';
import { Tag } from '@/components/common/Tag';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useLoaded } from '@/hooks/useLoaded';
import { useNow } from '@/hooks/useNow';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { isBlocked, nameOf, useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { errorText, t } from '@/utils/t';
import { formatAgo, formatDate } from '@/utils/time';
import { PersonActions } from './PersonActions';
import styles from './ContactPanel.module.css';

interface PersonPanelProps {
  readonly userId: UserId;
}

/** Somebody: who they are, whether they are here, and what can be done. What this device knows shows first. */
export function PersonPanel({ userId }: PersonPanelProps) {
  const navigate = useNavigate();
  const now = useNow(60_000);
  const friend = useContactStore((state) => state.friends.find((one) => one.friendId === userId));
  const profile = useContactStore((state) => state.profiles[userId]);
  const name = useContactStore((state) => nameOf(state, userId)) || t('unknownPerson');
  const online = useContactStore((state) => state.online[userId] ?? false);
  const blocked = useContactStore((state) => isBlocked(state, userId));
  const loaded = useLoaded(
    useCallback(async () => {
      const [seen] = await Promise.all([client.loadPerson(userId), client.loadBlocked()]);
      return seen;
    }, [userId]),
  );
  const contact = [loaded.value?.phone, loaded.value?.email].filter(Boolean);
  const presence = online
    ? t('online')
    : friend?.lastSeen
      ? t('lastSeenOn', { time: formatAgo(friend.lastSeen, now) })
      : t('offline');
  return (
    <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
      <header className={classes(shared.header, shared.headerLine)}>
        <span className={shared.onlyMobile}>
          <IconButton icon="back" label={t('back')} onClick={() => void navigate('/contacts')} />
        </span>
        <h1 className={classes(shared.title, shared.grow, shared.ellipsis)}>{name}</h1>
      </header>
      <ConnectionBanner />
      <div className={shared.scroll}>
        {!profile && loaded.failure === null && <RowSkeleton kind="people" label={t('contactLoading')} />}
        {!profile && loaded.failure !== null && (
          <EmptyState
            title={loaded.failure === Code.UserNotFound ? t('noSuchPerson') : errorText(loaded.failure)}
            action={
              loaded.failure !== Code.UserNotFound && <Button onClick={loaded.reload}>{t('tryAgain')}</Button>
            }
          />
        )}
        {profile && (
          <div className={styles.friend}>
            <Avatar id={userId} name={name} size={88} ring online={friend && !blocked ? online : null} />
            <h2>{name}</h2>
            <p className={shared.muted}>
              {name === profile.nickname
                ? `@${profile.username}`
                : `${profile.nickname} · @${profile.username}`}
            </p>
            {friend && !blocked && <p className={classes(shared.label, shared.muted)}>{presence}</p>}
            {contact.length > 0 && (
              <p className={classes(shared.label, shared.muted)} aria-label={t('contactData')}>
                {contact.join(' · ')}
              </p>
            )}
            {friend && (
              <p className={classes(shared.caption, shared.faint)}>
                {t('friendSince', { date: formatDate(friend.createdAt) })}
              </p>
            )}
            {blocked && (
              <p className={styles.blocked}>
                <Tag text={t('blockedTag')} />
                {t('blockedExplained', { name })}
              </p>
            )}
            <PersonActions profile={profile} friend={friend} name={name} blocked={blocked} />
          </div>
        )}
      </div>
    </main>
  );
}
