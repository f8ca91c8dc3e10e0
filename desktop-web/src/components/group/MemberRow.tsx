import { Dropdown, type MenuProps } from 'antd';
import { Avatar } from '@/components/common/Avatar';
import { IconButton } from '@/components/common/IconButton';
import type { TextName } from '@/constants/texts/en';
import { useNames } from '@/hooks/useNames';
import { Role } from '@/protocol/codes';
import { client } from '@/services/client';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { GroupRole, Member } from '@/types/group';
import type { ConversationId, UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './MemberRow.module.css';

const ROLES: Partial<Record<GroupRole, TextName>> = { owner: 'roleOwner', admin: 'roleAdmin' };

interface MemberRowProps {
  readonly groupId: ConversationId;
  readonly member: Member;
  readonly self: UserId;
  readonly ownRole: Role;
  /** Runs an action and says when it is refused. */
  readonly run: (action: () => Promise<void>) => Promise<boolean>;
}

/** A member with the role, and what the user may do about it. */
export function MemberRow({ groupId, member, self, ownRole, run }: MemberRowProps) {
  const { userId, role } = member;
  const isSelf = userId === self;
  const known = useNames()(userId);
  const name = isSelf ? t('you') : known;
  const online = useContactStore((state) => state.online[userId] ?? null);
  const roleName = ROLES[role];
  const act = (action: () => Promise<void>) => () => void run(action);
  const items: NonNullable<MenuProps['items']> = [];
  const isOwner = ownRole === Role.Owner && role !== 'owner';
  if (isOwner) {
    const next = role === 'admin' ? 'member' : 'admin';
    items.push({
      key: 'role',
      label: t(next === 'admin' ? 'makeAdmin' : 'makeMember'),
      onClick: act(() => client.setGroupRole(groupId, userId, next)),
    });
    items.push({
      key: 'owner',
      label: t('makeOwner'),
      onClick: act(() => client.transferGroup(groupId, userId)),
    });
  }
  if (isOwner || (ownRole === Role.Admin && role === 'member')) {
    items.push({
      key: 'remove',
      label: t('removeMember'),
      danger: true,
      onClick: act(() => client.removeFromGroup(groupId, userId)),
    });
  }
  return (
    <li className={styles.row}>
      <Avatar id={userId} name={known} size={40} online={isSelf ? null : online} />
      <span className={classes(shared.grow, shared.ellipsis)}>{name}</span>
      {roleName && <span className={classes(shared.caption, shared.muted)}>{t(roleName)}</span>}
      {!isSelf && items.length > 0 && (
        <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
          <IconButton icon="more" label={t('memberMenu', { name })} />
        </Dropdown>
      )}
    </li>
  );
}
