import { App, Button, Drawer } from 'antd';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import { useAction } from '@/hooks/useAction';
import { Role } from '@/protocol/codes';
import { client } from '@/services/client';
import { useGroupStore } from '@/stores/groupStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { GroupRole, Member } from '@/types/group';
import type { UserId } from '@/types/ids';
import { leads } from '@/utils/rights';
import { t } from '@/utils/t';
import { InviteDialog } from './InviteDialog';
import { JoinRequestRow } from './JoinRequestRow';
import { MemberRow } from './MemberRow';
import { RenameGroupDialog } from './RenameGroupDialog';
import styles from './GroupPanel.module.css';

const RANKS: Readonly<Record<GroupRole, number>> = { owner: 0, admin: 1, member: 2, none: 3 };
const NOBODY: readonly Member[] = [];

interface GroupPanelProps {
  readonly conversation: Conversation;
  readonly self: UserId;
  readonly onClose: () => void;
}

/** A group: its name, who is in it with which role, and the way out. Read anew whenever its members change. */
export function GroupPanel({ conversation, self, onClose }: GroupPanelProps) {
  const { id, name, role, memberCount, ownerId } = conversation;
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const { run } = useAction();
  const view = useGroupStore((state) => state.groups[id]);
  const joinNews = useGroupStore((state) => state.joinNews);
  const [dialog, setDialog] = useState<'invite' | 'rename' | null>(null);
  const isMember = role !== Role.None;
  const members = view?.members ?? NOBODY;

  useEffect(() => {
    // Without a network the panel shows what was read before.
    if (isMember) client.loadGroup(id).catch(() => undefined);
  }, [id, isMember, memberCount, ownerId, role, joinNews]);

  const end = (kind: 'leave' | 'dissolve') =>
    modal.confirm({
      title: t(kind === 'leave' ? 'leaveGroupTitle' : 'dissolveGroupTitle', { name }),
      content: t(kind === 'leave' ? 'leaveGroupText' : 'dissolveGroupText'),
      icon: null,
      okText: t(kind === 'leave' ? 'leaveGroup' : 'dissolveGroup'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: async () => {
        const done = await run(() => (kind === 'leave' ? client.leaveGroup(id) : client.dissolveGroup(id)));
        if (!done) return;
        onClose();
        await navigate('/chats');
      },
    });

  return (
    <Drawer open title={t('groupPanel')} onClose={onClose} closable={{ 'aria-label': t('close') }}>
      <div className={styles.face}>
        <Avatar id={id} name={name} size={88} />
        <h3>{name}</h3>
        <p className={shared.muted}>{isMember ? t('memberCount', { count: memberCount }) : t('notMember')}</p>
        {view?.group.description && <p className={styles.description}>{view.group.description}</p>}
      </div>
      {isMember && (
        <>
          <div className={styles.actions}>
            <Button icon={<Icon name="userPlus" size="small" />} onClick={() => setDialog('invite')}>
              {t('inviteMembers')}
            </Button>
            {leads(conversation) && (
              <Button icon={<Icon name="edit" size="small" />} onClick={() => setDialog('rename')}>
                {t('renameGroup')}
              </Button>
            )}
          </div>
          {view && view.requests.length > 0 && (
            <ul aria-label={t('requests')}>
              {view.requests.map((request) => (
                <JoinRequestRow key={request.userId} groupId={id} request={request} run={run} />
              ))}
            </ul>
          )}
          <ul aria-label={t('members')}>
            {[...members]
              .sort((a, b) => RANKS[a.role] - RANKS[b.role] || a.joinedAt - b.joinedAt)
              .map((member) => (
                <MemberRow
                  key={member.userId}
                  groupId={id}
                  member={member}
                  self={self}
                  ownRole={role}
                  run={run}
                />
              ))}
          </ul>
          <div className={styles.actions}>
            <Button danger icon={<Icon name="exit" size="small" />} onClick={() => void end('leave')}>
              {t('leaveGroup')}
            </Button>
            {role === Role.Owner && (
              <Button danger icon={<Icon name="trash" size="small" />} onClick={() => void end('dissolve')}>
                {t('dissolveGroup')}
              </Button>
            )}
          </div>
        </>
      )}
      {dialog === 'invite' && <InviteDialog groupId={id} members={members} onClose={() => setDialog(null)} />}
      {dialog === 'rename' && <RenameGroupDialog groupId={id} name={name} onClose={() => setDialog(null)} />}
    </Drawer>
  );
}
