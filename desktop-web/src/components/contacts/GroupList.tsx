import { useMemo, type ReactNode } from 'react';
import { NavLink } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { EmptyState } from '@/components/common/EmptyState';
import { RowSkeleton } from '@/components/common/RowSkeleton';
import { ConversationType, Role } from '@/protocol/codes';
import { useChatStore } from '@/stores/chatStore';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './ContactList.module.css';

interface GroupListProps {
  readonly query: string;
  /** What to do when there is none. */
  readonly action: ReactNode;
}

/** The groups of the user, hidden and archived ones too. They are conversations, so this device has them without asking. */
export function GroupList({ query, action }: GroupListProps) {
  const loaded = useChatStore((state) => state.loaded);
  const conversations = useChatStore((state) => state.conversations);
  const wanted = query.trim().toLowerCase();
  const groups = useMemo(
    () =>
      Object.values(conversations)
        .filter(({ type, role }) => type === ConversationType.Group && role !== Role.None)
        .filter(({ name }) => name.toLowerCase().includes(wanted))
        .sort((a, b) => a.name.localeCompare(b.name)),
    [conversations, wanted],
  );
  if (!loaded) return <RowSkeleton kind="people" label={t('contactLoading')} />;
  if (groups.length === 0 && wanted) return <EmptyState title={t('noMatches', { query: query.trim() })} />;
  if (groups.length === 0)
    return <EmptyState title={t('noGroups')} text={t('noGroupsText')} action={action} />;
  return (
    <ul className={shared.rows}>
      {groups.map(({ id, name, memberCount }) => (
        <li key={id}>
          <NavLink className={classes(row.row, styles.person)} to={`/chats/${id}`}>
            <Avatar id={id} name={name} group />
            <span className={shared.grow}>
              <span className={classes(shared.block, shared.strong, shared.ellipsis)}>{name}</span>
              <span className={classes(shared.block, shared.caption, shared.muted)}>
                {t('memberCount', { count: memberCount })}
              </span>
            </span>
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
