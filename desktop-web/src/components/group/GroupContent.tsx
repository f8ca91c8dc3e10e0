import { Suspense, useState, type ReactNode } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { SearchField } from '@/components/common/SearchField';
import { CardState } from '@/components/settings/CardState';
import { useGroupNews } from '@/hooks/useGroupNews';
import { Role } from '@/protocol/codes';
import { useGroupStore } from '@/stores/groupStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { leads } from '@/utils/rights';
import { t } from '@/utils/t';
import { AboutGroup } from './AboutGroup';
import { GroupSettingsDialog, InviteDialog } from './groupDialogs';
import { GroupMenu } from './GroupMenu';
import { JoinRequests } from './JoinRequests';
import { MemberList } from './MemberList';
import styles from './GroupContent.module.css';

interface GroupContentProps {
  readonly conversation: Conversation;
  readonly self: UserId;
  /** Where it is a drawer: what closes it. */
  readonly close?: ReactNode;
}

/** What a group is about, who wants to join, and its members. Read anew whenever something of it changes. */
export function GroupContent({ conversation, self, close }: GroupContentProps) {
  const { id, role, memberCount, name } = conversation;
  const isMember = role !== Role.None;
  const view = useGroupStore((state) => state.groups[id]);
  const [query, setQuery] = useState('');
  const [dialog, setDialog] = useState<'invite' | 'settings' | null>(null);
  const { failure, reload } = useGroupNews(id, isMember);
  const mayInvite = isMember && (leads(conversation) || view?.group.joinPolicy !== 'invite');
  const closeDialog = () => setDialog(null);

  if (!isMember)
    return (
      <>
        <header className={shared.header}>
          <h2 className={classes(shared.title, shared.grow, shared.ellipsis)}>{name}</h2>
          {close}
        </header>
        <p className={styles.gone}>{t('notMember')}</p>
      </>
    );
  return (
    <>
      <header className={shared.header}>
        <h2 className={classes(shared.title, shared.grow)}>
          {t('members')} <span className={styles.count}>{memberCount}</span>
        </h2>
        {mayInvite && (
          <IconButton icon="userPlus" label={t('inviteMembers')} onClick={() => setDialog('invite')} />
        )}
        <GroupMenu conversation={conversation} onSettings={() => setDialog('settings')} />
        {close}
      </header>
      <div className={shared.tools}>
        <SearchField label={t('searchMembers')} value={query} onChange={setQuery} />
        {query === '' && view && (
          <>
            <AboutGroup
              text={view.group.description ?? ''}
              onWrite={leads(conversation) ? () => setDialog('settings') : null}
            />
            <JoinRequests groupId={id} requests={view.requests} />
          </>
        )}
      </div>
      {view ? (
        <MemberList conversation={conversation} self={self} query={query} />
      ) : (
        <div className={styles.waiting}>
          <CardState loaded={{ value: undefined, failure, reload }} rows={8} />
        </div>
      )}
      <Suspense>
        {dialog === 'invite' && (
          <InviteDialog conversation={conversation} members={view?.members ?? []} onClose={closeDialog} />
        )}
        {dialog === 'settings' && view && (
          <GroupSettingsDialog conversation={conversation} view={view} self={self} onClose={closeDialog} />
        )}
      </Suspense>
    </>
  );
}
